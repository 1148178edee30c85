// The types of the part of jax-js that the benchmarks call: it is not installed with Micrograph.

import type { Shape } from "../../src/graph/tensor.js";

/** Calls consume their arguments: `ref` is an additional reference, for a call that must not. */
export interface JaxArray {
  readonly ref: JaxArray;
  readonly shape: Shape;
  data(): Promise<Float32Array>;
  blockUntilReady(): Promise<JaxArray>;
  dispose(): void;
  reshape(shape: Shape): JaxArray;
  transpose(axes: readonly number[]): JaxArray;
  add(other: JaxArray | number): JaxArray;
  sub(other: JaxArray): JaxArray;
  mul(other: JaxArray | number): JaxArray;
  /** Ranges by axis: [] all of it, [a, b] from a to b. */
  slice(...ranges: readonly (readonly number[])[]): JaxArray;
}

export type JaxTree = Readonly<Record<string, JaxArray>>;

export interface Jax {
  init(backend: string): Promise<readonly string[]>;
  defaultDevice(backend: string): void;
  getWebGPUDevice(): GPUDevice;
  jit<F>(work: F): F;
  grad<A extends readonly unknown[]>(work: (...args: A) => JaxArray): (...args: A) => A[0];
  valueAndGrad<A extends readonly unknown[]>(
    work: (...args: A) => JaxArray,
  ): (...args: A) => [JaxArray, A[0]];
  readonly numpy: {
    array(values: Float32Array): JaxArray;
    sum(x: JaxArray): JaxArray;
    max(x: JaxArray): JaxArray;
    concatenate(parts: readonly JaxArray[], axis: number): JaxArray;
  };
  readonly nn: {
    relu(x: JaxArray): JaxArray;
    softmax(x: JaxArray, axis: number): JaxArray;
    logSoftmax(x: JaxArray, axis: number): JaxArray;
  };
  readonly lax: {
    convGeneralDilated(
      x: JaxArray,
      weight: JaxArray,
      strides: readonly number[],
      padding: string,
    ): JaxArray;
    reduceWindow(
      x: JaxArray,
      reduce: (window: JaxArray) => JaxArray,
      size: readonly number[],
      strides: readonly number[],
    ): JaxArray;
  };
}

export function toJax({ numpy }: Jax, shape: Shape, values: Float32Array): JaxArray {
  return numpy.array(values).reshape(shape);
}

/** References to arrays for a call that consumes its arguments. */
export function refs(arrays: JaxTree): JaxTree {
  return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.ref]));
}

/** 2x2 max-pooling with stride 2. */
export function maxPool({ lax, numpy }: Jax, x: JaxArray): JaxArray {
  return lax.reduceWindow(x, (window) => numpy.max(window), [2, 2], [2, 2]);
}

/**
 * PyTorch's transposed convolution 2x2 with stride 2, as a 1x1 convolution to the four pixels of
 * each: `lax.convTranspose` of jax-js 0.1.25 is wrong on WebGPU (see bench/README.md).
 */
export function upConvolution({ lax }: Jax, x: JaxArray, weight: JaxArray): JaxArray {
  const [, , height, width] = x.shape;
  const [ins, outs] = weight.shape;
  const taps = weight.transpose([1, 2, 3, 0]).reshape([outs * 4, ins, 1, 1]);
  const pixels = lax.convGeneralDilated(x, taps, [1, 1], "VALID");
  const apart = pixels.reshape([outs, 2, 2, height, width]).transpose([0, 3, 1, 4, 2]);
  return apart.reshape([1, outs, 2 * height, 2 * width]);
}

/**
 * The weighted softmax loss of logits [1, 2, H, W], divided by the number of pixels with a weight
 * above 0; class and weight of each pixel are given.
 */
export function jaxLoss(
  jax: Jax,
  label: Float32Array,
  weight: Float32Array,
  [height, width]: Shape,
): (logits: JaxArray) => JaxArray {
  const pixels = label.length;
  const picked = Float32Array.from(
    { length: pixels * 2 },
    (_, i) => Number(label[i % pixels] === Math.floor(i / pixels)) * weight[i % pixels],
  );
  const map = toJax(jax, [1, 2, height, width], picked);
  const counted = weight.reduce((count, value) => count + Number(value > 0), 0);
  return (logits) => jax.numpy.sum(jax.nn.logSoftmax(logits, 1).mul(map.ref)).mul(-1 / counted);
}
