// General ops of jax-js, each compiled with its gradients as one function.

import type { GeneralCase } from "../op-cases.js";
import { type Jax, type JaxArray, toJax } from "./jax-types.js";
import { opOf } from "./micrograph-ops.js";
import type { OpRunner } from "./types.js";

/** The part of jax-js that only these ops call. */
interface JaxOps extends Omit<Jax, "lax" | "nn" | "numpy" | "grad"> {
  grad<A extends readonly unknown[]>(
    work: (...args: A) => JaxArray,
    options: { readonly argnums: readonly number[] },
  ): (...args: A) => JaxArray[];
  readonly lax: {
    convGeneralDilated(
      x: JaxArray,
      weight: JaxArray,
      strides: readonly number[],
      padding: string,
      options?: { readonly rhsDilation?: readonly number[]; readonly featureGroupCount?: number },
    ): JaxArray;
    reduceWindow: Jax["lax"]["reduceWindow"];
  };
  readonly nn: Jax["nn"] & {
    standardize(x: JaxArray, axis: readonly number[]): JaxArray;
    silu(x: JaxArray): JaxArray;
    leakyRelu(x: JaxArray, slope: number): JaxArray;
  };
  readonly numpy: Jax["numpy"] & {
    mean(x: JaxArray, axes?: readonly number[], options?: { readonly keepdims: boolean }): JaxArray;
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    repeat(x: JaxArray, count: number, axis: number): JaxArray;
  };
}

type JaxOp = (jax: JaxOps, ...inputs: JaxArray[]) => JaxArray;

const strided: JaxOp = ({ lax }, x, w) => lax.convGeneralDilated(x, w, [2, 2], "VALID");

const OPS: Readonly<Record<string, JaxOp>> = {
  "convolution 3x3, stride 2": strided,
  "convolution 4x4, stride 2": strided,
  "convolution 3x3, dilation 2": ({ lax }, x, w) =>
    lax.convGeneralDilated(x, w, [1, 1], "VALID", { rhsDilation: [2, 2] }),
  "depthwise convolution 3x3": ({ lax }, x, w) =>
    lax.convGeneralDilated(x, w, [1, 1], "VALID", { featureGroupCount: x.shape[1] }),
  "max-pool 3x3": ({ lax, numpy }, x) =>
    lax.reduceWindow(x, (window) => numpy.max(window), [3, 3], [2, 2]),
  "mean-pool 3x3": ({ lax, numpy }, x) =>
    lax.reduceWindow(x, (window) => numpy.mean(window), [3, 3], [2, 2]),
  "nearest resize x2": ({ numpy }, x) => numpy.repeat(numpy.repeat(x, 2, 2), 2, 3),
  "batch norm": ({ nn }, x) => nn.standardize(x, [0, 2, 3]),
  "instance norm": ({ nn }, x) => nn.standardize(x, [2, 3]),
  "layer norm of channels": ({ nn }, x) => nn.standardize(x, [1]),
  matmul: ({ numpy }, a, b) => numpy.matmul(a, b),
  "softmax of rows": ({ nn }, x) => nn.softmax(x, -1),
  SiLU: ({ nn }, x) => nn.silu(x),
  "leaky ReLU": ({ nn }, x) => nn.leakyRelu(x, 0.1),
  "product with a value per channel": (_, x, c) => x.mul(c),
  "mean over pixels": ({ numpy }, x) => numpy.mean(x, [2, 3], { keepdims: true }),
  concatenation: ({ numpy }, ...parts) => numpy.concatenate(parts, 1),
};

export function jaxOp(given: Jax, one: GeneralCase): OpRunner {
  const jax = given as unknown as JaxOps;
  const op = opOf(OPS, one.name);
  const arrays = [...one.inputs, one.dy].map(({ shape, values }) => toJax(given, shape, values));
  const argnums = one.inputs.map((_, i) => i);
  const product = (...all: JaxArray[]) =>
    jax.numpy.sum(op(jax, ...all.slice(0, -1)).mul(all[all.length - 1]));
  const forward = jax.jit((...inputs: JaxArray[]) => op(jax, ...inputs));
  const backward = jax.jit((...all: JaxArray[]) => jax.grad(product, { argnums })(...all));
  const compute = () => {
    const [inputs, all] = [arrays.slice(0, -1), arrays].map((list) => list.map((one) => one.ref));
    return [forward(...inputs), ...backward(...all)];
  };
  return {
    async run() {
      for (const made of compute()) (await made.blockUntilReady()).dispose();
    },
    results: () => Promise.all(compute().map((made) => made.data())),
    close() {
      for (const array of arrays) array.dispose();
    },
  };
}
