// General ops of Micrograph, a plan for each.

import {
  avgPool2d,
  batchNorm,
  compilePlan,
  concat,
  conv2d,
  type Device,
  gradients,
  input,
  instanceNorm,
  layerNorm,
  leakyRelu,
  matmul,
  maxPool2d,
  mean,
  mul,
  resize,
  silu,
  softmax,
  type Tensor,
} from "../../src/operations.js";
import type { GeneralCase, OpInput } from "../op-cases.js";
import type { OpRunner } from "./types.js";

const OPS: Readonly<Record<string, (...inputs: Tensor[]) => Tensor>> = {
  "convolution 3x3, padded, stride 2": (x, w) => conv2d(x, w, undefined, { stride: 2, padding: 1 }),
  "convolution 3x3, padded": (x, w) => conv2d(x, w, undefined, { padding: 1 }),
  "convolution 3x3, stride 2": (x, w) => conv2d(x, w, undefined, { stride: 2 }),
  "convolution 4x4, stride 2": (x, w) => conv2d(x, w, undefined, { stride: 2 }),
  "convolution 3x3, dilation 2": (x, w) => conv2d(x, w, undefined, { dilation: 2 }),
  "depthwise convolution 3x3": (x, w) => conv2d(x, w, undefined, { groups: x.shape[1] }),
  "max-pool 3x3": (x) => maxPool2d(x, { kernel: 3, stride: 2 }),
  "mean-pool 3x3": (x) => avgPool2d(x, { kernel: 3, stride: 2 }),
  "nearest resize x2": (x) => resize(x, { scale: 2 }),
  "linear resize x2": (x) => resize(x, { scale: 2, mode: "linear" }),
  "batch norm": (x) => batchNorm(x).y,
  "instance norm": (x) => instanceNorm(x),
  "layer norm of channels": (x) => layerNorm(x),
  matmul: (a, b) => matmul(a, b),
  "softmax of rows": (x) => softmax(x, { axis: -1 }),
  SiLU: (x) => silu(x),
  "leaky ReLU": (x) => leakyRelu(x, 0.1),
  "product with a value per channel": (x, c) => mul(x, c),
  "mean over pixels": (x) => mean(x, { axes: [2, 3], keepDims: true }),
  concatenation: (...parts) => concat(parts, 1),
};

export async function micrographOp(device: Device, one: GeneralCase): Promise<OpRunner> {
  const { outputs, values } = opGraph(one);
  const plan = await compilePlan(device, { name: one.name, outputs });
  plan.run(values);
  return {
    async run() {
      plan.run();
      await device.idle();
    },
    results: () => Promise.all(outputs.map((tensor) => plan.read(tensor))),
    close: () => plan.close(),
  };
}

/** The result and the gradients of a case, and the values of the graph's inputs. */
export function opGraph(one: GeneralCase) {
  const tensors = one.inputs.map((given, i) => tensorOf(`input ${i}`, given));
  const y = opOf(OPS, one.name)(...tensors);
  const found = gradients(y, tensors, tensorOf("dy", one.dy));
  const values: Record<string, Float32Array> = { dy: one.dy.values };
  for (const [i, given] of one.inputs.entries()) values[`input ${i}`] = given.values;
  return { outputs: [y, ...(found as Tensor[])], values };
}

const tensorOf = (name: string, { shape, kind }: OpInput) =>
  input(name, shape, kind === "image" ? "image" : "dense");

/** The function for a case whose name begins with a key. Throws if there is none. */
export function opOf<F>(table: Readonly<Record<string, F>>, name: string): F {
  const key = Object.keys(table).find((key) => name.startsWith(key));
  if (key === undefined) throw new Error(`it has no ${name}`);
  return table[key];
}
