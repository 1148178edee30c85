// The types of the part of tfjs that the benchmarks call, whose packages are not installed with
// Micrograph, and conversions between its layouts and PyTorch's.

import type { Shape } from "../../src/graph/tensor.js";

export interface TfTensor {
  readonly shape: readonly number[];
  data(): Promise<Float32Array>;
  dispose(): void;
}

export interface TfVariable extends TfTensor {
  readonly name: string;
}

interface TfOptimizer {
  applyGradients(grads: Readonly<Record<string, TfTensor>>): void;
  dispose(): void;
}

/** Creates a backend, which comes with a device. */
type BackendFactory = () => unknown;

type Binary = (a: TfTensor, b: TfTensor | number) => TfTensor;

export interface Tf {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  findBackendFactory(name: string): BackendFactory;
  registerBackend(name: string, create: BackendFactory): boolean;
  removeBackend(name: string): void;
  backend(): { readonly device: GPUDevice };
  tidy<T extends TfTensor>(work: () => T): T;
  tensor(values: Float32Array, shape: readonly number[]): TfTensor;
  variable(tensor: TfTensor): TfVariable;
  variableGrads(
    loss: () => TfTensor,
    variables: readonly TfVariable[],
  ): { readonly value: TfTensor; readonly grads: Readonly<Record<string, TfTensor>> };
  readonly train: {
    momentum(rate: number, momentum: number): TfOptimizer;
    adam(rate: number, beta1: number, beta2: number, epsilon: number): TfOptimizer;
  };
  readonly fused: {
    conv2d(options: {
      x: TfTensor;
      filter: TfTensor;
      bias?: TfTensor;
      strides: number;
      pad: string;
      activation: string;
    }): TfTensor;
  };
  readonly add: Binary;
  readonly mul: Binary;
  sum(x: TfTensor, axis?: number): TfTensor;
  softmax(x: TfTensor): TfTensor;
  logSoftmax(x: TfTensor): TfTensor;
  maxPool(x: TfTensor, size: number, stride: number, pad: string): TfTensor;
  conv2d(x: TfTensor, filter: TfTensor, stride: number, pad: string): TfTensor;
  conv2dTranspose(
    x: TfTensor,
    filter: TfTensor,
    size: readonly number[],
    stride: number,
    pad: string,
  ): TfTensor;
  slice(x: TfTensor, begin: readonly number[], size: readonly number[]): TfTensor;
  concat(parts: readonly TfTensor[], axis: number): TfTensor;
  engine(): {
    runKernel(name: string, inputs: object, attributes: object): TfTensor;
  };
}

/** Visits [A, B, H, W] row-major with the index in [N, H, W, C] or, for weights, [K, K, I, O]. */
function eachIndex(
  [a, b, h, w]: Shape,
  isWeight: boolean,
  visit: (torch: number, tf: number) => void,
): void {
  let torch = 0;
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++, torch++) {
          // Convolution [O,I,K,K] and up-convolution [I,O,K,K] are converted in the same way:
          // [K,K,B,A].
          visit(torch, isWeight ? ((y * w + x) * b + j) * a + i : ((i * h + y) * w + x) * b + j);
        }
}

/** Creates a tensor of tfjs from row-major values in PyTorch's layout. */
export function toTf(tf: Tf, shape: Shape, values: Float32Array, isWeight: boolean): TfTensor {
  if (shape.length !== 4) return tf.tensor(values, shape);
  const turned = new Float32Array(values.length);
  eachIndex(shape, isWeight, (torch, at) => {
    turned[at] = values[torch];
  });
  const [a, b, h, w] = shape;
  return tf.tensor(turned, isWeight ? [h, w, b, a] : [a, h, w, b]);
}

/** The inverse of `toTf`. */
export function fromTf(shape: Shape, values: Float32Array, isWeight: boolean): Float32Array {
  if (shape.length !== 4) return values;
  const turned = new Float32Array(values.length);
  eachIndex(shape, isWeight, (torch, at) => {
    turned[torch] = values[at];
  });
  return turned;
}
