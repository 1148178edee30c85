// General ops of tfjs, with its gradients.

import type { Shape } from "../../src/graph/tensor.js";
import type { GeneralCase } from "../op-cases.js";
import { opOf } from "./micrograph-ops.js";
import { fromTf, type Tf, type TfTensor, toTf } from "./tfjs-types.js";
import type { OpRunner } from "./types.js";

/** The part of tfjs that only these ops call. */
interface TfOps extends Tf {
  valueAndGrads(work: (...inputs: TfTensor[]) => TfTensor): (
    inputs: readonly TfTensor[],
    dy: TfTensor,
  ) => {
    readonly value: TfTensor;
    readonly grads: readonly TfTensor[];
  };
  conv2d(
    x: TfTensor,
    filter: TfTensor,
    stride: number,
    pad: string,
    format?: "NHWC",
    dilations?: number,
  ): TfTensor;
  depthwiseConv2d(x: TfTensor, filter: TfTensor, stride: number, pad: string): TfTensor;
  avgPool(x: TfTensor, size: number, stride: number, pad: string): TfTensor;
  readonly image: {
    resizeNearestNeighbor(x: TfTensor, size: readonly [number, number]): TfTensor;
    resizeBilinear(
      x: TfTensor,
      size: readonly [number, number],
      alignCorners: boolean,
      halfPixels: boolean,
    ): TfTensor;
  };
  moments(
    x: TfTensor,
    axes: readonly number[],
    keepDims: boolean,
  ): { readonly mean: TfTensor; readonly variance: TfTensor };
  rsqrt(x: TfTensor): TfTensor;
  sub(a: TfTensor, b: TfTensor): TfTensor;
  matMul(a: TfTensor, b: TfTensor): TfTensor;
  sigmoid(x: TfTensor): TfTensor;
  leakyRelu(x: TfTensor, slope: number): TfTensor;
  mean(x: TfTensor, axes: readonly number[], keepDims: boolean): TfTensor;
  reshape(x: TfTensor, shape: Shape): TfTensor;
}

type TfOp = (tf: TfOps, ...inputs: TfTensor[]) => TfTensor;

/** (x - mean) / sqrt(variance + 1e-5) over these axes of [N,H,W,C]. */
const norm = (tf: TfOps, x: TfTensor, axes: readonly number[]) => {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
};
const twice = ({ shape: [, h, w] }: TfTensor) => [2 * h, 2 * w] as const;

const OPS: Readonly<Record<string, TfOp>> = {
  "convolution 3x3, stride 2": (tf, x, w) => tf.conv2d(x, w, 2, "valid"),
  "convolution 4x4, stride 2": (tf, x, w) => tf.conv2d(x, w, 2, "valid"),
  "convolution 3x3, dilation 2": (tf, x, w) => tf.conv2d(x, w, 1, "valid", "NHWC", 2),
  "depthwise convolution 3x3": (tf, x, w) => {
    const [h, width, , c] = w.shape;
    return tf.depthwiseConv2d(x, tf.reshape(w, [h, width, c, 1]), 1, "valid");
  },
  "max-pool 3x3": (tf, x) => tf.maxPool(x, 3, 2, "valid"),
  "mean-pool 3x3": (tf, x) => tf.avgPool(x, 3, 2, "valid"),
  "nearest resize x2": (tf, x) => tf.image.resizeNearestNeighbor(x, twice(x)),
  "linear resize x2": (tf, x) => tf.image.resizeBilinear(x, twice(x), false, true),
  "batch norm": (tf, x) => norm(tf, x, [0, 1, 2]),
  "instance norm": (tf, x) => norm(tf, x, [1, 2]),
  "layer norm of channels": (tf, x) => norm(tf, x, [3]),
  matmul: (tf, a, b) => tf.matMul(a, b),
  "softmax of rows": (tf, x) => tf.softmax(x),
  SiLU: (tf, x) => tf.mul(x, tf.sigmoid(x)),
  "leaky ReLU": (tf, x) => tf.leakyRelu(x, 0.1),
  "product with a value per channel": (tf, x, c) => tf.mul(x, c),
  "mean over pixels": (tf, x) => tf.mean(x, [1, 2], true),
  concatenation: (tf, ...parts) => tf.concat(parts, 3),
};

export function tfjsOp(given: Tf, one: GeneralCase): OpRunner {
  const tf = given as TfOps;
  const op = opOf(OPS, one.name);
  const all = [...one.inputs, one.dy];
  const tensors = all.map(({ shape, values, kind }) => toTf(tf, shape, values, kind === "weight"));
  const inputs = tensors.slice(0, -1);
  const compute = () => {
    const work = tf.valueAndGrads((...inputs) => op(tf, ...inputs));
    const { value, grads } = work(inputs, tensors[inputs.length]);
    return [value, ...grads];
  };
  return {
    async run() {
      const made = compute();
      // Reading one element of each waits for it.
      for (const tensor of made) {
        const ones = tensor.shape.map(() => 1);
        const one = tf.slice(
          tensor,
          ones.map(() => 0),
          ones,
        );
        await one.data();
        one.dispose();
        tensor.dispose();
      }
    },
    async results() {
      const made = compute();
      const read = made.map(async (tensor, i) => {
        const like = i === 0 ? one.dy : one.inputs[i - 1];
        const values = fromTf(like.shape, await tensor.data(), like.kind === "weight");
        tensor.dispose();
        return values;
      });
      return Promise.all(read);
    },
    close() {
      for (const tensor of tensors) tensor.dispose();
    },
  };
}
