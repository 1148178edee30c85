// What convolutions with strides, dilation and groups have in common: options, attributes of their
// nodes, sizes and uniforms.

import { kindOf } from "../../arguments/numbers.js";
import { imageSizes } from "../../graph/layout.js";
import type { Node, Rows } from "../../graph/op.js";
import { expectDense, expectImage, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import type { Activation } from "../conv2d/conv2d-attributes.js";

/** Vertical and horizontal, as in [height, width]. */
export type Pair = readonly [y: number, x: number];

/** How the taps of a kernel lie on the image at the input side of a convolution. */
export interface Taps {
  /** Pixels between the windows of neighbouring output pixels. */
  readonly stride: Pair;
  /** Pixels between neighbouring taps. */
  readonly dilation: Pair;
  /** Rows and columns of zeros above and to the left of the image. */
  readonly before: Pair;
  /** Groups of channels; each output channel reads the input channels of its group. */
  readonly groups: number;
}

/** Attributes of a convolution and of a transposed convolution. */
export interface ConvolutionAttributes extends Taps {
  /** Height and width of the output. Whatever lies outside the input is 0. */
  readonly size: Pair;
  readonly activation: Activation;
  /** Whether a bias follows the weight. */
  readonly bias: boolean;
}

/** Attributes of the gradient of a convolution's weight. */
export interface KernelGradientAttributes extends Taps {
  /** Height and width of the kernel. */
  readonly kernel: Pair;
  /** Whether the gradient of the bias is computed too. */
  readonly bias: boolean;
}

/**
 * Multiply-adds from which kernels are offered that need more dispatches, or a compilation for few
 * layers.
 */
export const LEAST_MULTIPLY_ADDS = 2 ** 19;

/** Only the fields of `Taps`. */
export const tapsOf = ({ stride, dilation, before, groups }: Taps): Taps => ({
  stride,
  dilation,
  before,
  groups,
});

/** The smallest distance that a kernel spans: 5 for three taps with a dilation of 2. */
export const extent = (kernel: number, dilation: number) => (kernel - 1) * dilation + 1;

/**
 * Returns one number for both axes, or [y, x], as a pair. Throws unless they are whole numbers from
 * `least`.
 */
export function pairOf(op: string, what: string, value: unknown, least: number): Pair {
  const pair = Array.isArray(value) ? value : [value, value];
  if (pair.length === 2 && pair.every((size) => Number.isSafeInteger(size) && size >= least)) {
    return pair as unknown as Pair;
  }
  throw new ShapeError(
    `${op}: the ${what} must be a whole number from ${least}, or two of them [y, x], got ` +
      `${Array.isArray(value) ? JSON.stringify(value) : kindOf(value)}`,
  );
}

/** Throws unless the weight of a convolution is a dense [A,B,KH,KW]. */
export function expectKernel(op: string, weight: Tensor): void {
  if (weight.layout === "dense" && weight.shape.length === 4) return;
  throw new ShapeError(
    `${op}: weight must be a dense tensor of rank 4, got ${weight.layout} ${text(weight.shape)}`,
  );
}

/** Throws unless input, weight and bias fit together. */
export function expectConvolution(
  op: string,
  { inputs: [x, weight, bias], groups, outs }: ConvolutionShapes,
): void {
  expectImage(op, "input", x);
  expectKernel(op, weight);
  const [a, b] = weight.shape;
  const given = `(input ${text(x.shape)}, weight ${text(weight.shape)})`;
  if (!Number.isSafeInteger(groups) || groups < 1 || x.shape[1] % groups !== 0) {
    throw new ShapeError(
      `${op}: groups must be a whole number that divides the ${x.shape[1]} input channels, got ${groups}`,
    );
  }
  if (a % groups !== 0) {
    throw new ShapeError(
      `${op}: ${groups} groups must divide the weight's first size, got ${a} ${given}`,
    );
  }
  const [has, expected] = outs === "first" ? [x.shape[1] / groups, b] : [x.shape[1], a];
  if (has !== expected) {
    const per = outs === "first" && groups > 1 ? " per group" : "";
    throw new ShapeError(
      `${op}: input has ${has} channels${per} but weight expects ${expected} ${given}`,
    );
  }
  if (bias) expectDense(op, "bias", bias, [outs === "first" ? a : b * groups]);
}

interface ConvolutionShapes {
  readonly inputs: readonly Tensor[];
  readonly groups: number;
  /** Whether the weight is [O, I / groups, KH, KW], or [I, O / groups, KH, KW]. */
  readonly outs: "first" | "second";
}

/**
 * Returns the rows of the input of a convolution that rows of its output need. Columns have the
 * same strides in all networks that are tiled; for kernels that are not square the larger side
 * counts.
 */
export function rowsRead(
  { stride, dilation, before }: Taps,
  [height, width]: readonly number[],
  [first, last]: Rows,
): Rows {
  const end = Math.max(
    (height - 1) * dilation[0] - before[0],
    (width - 1) * dilation[1] - before[1],
  );
  return [first * stride[0] - Math.max(...before), last * stride[0] + end];
}

/** The same for a transposed convolution. */
export function rowsReadTransposed(
  { stride: [stride], dilation, before }: Taps,
  [height, width]: readonly number[],
  [first, last]: Rows,
): Rows {
  const start = Math.min(
    before[0] - (height - 1) * dilation[0],
    before[1] - (width - 1) * dilation[1],
  );
  const end = Math.floor((last + Math.max(...before)) / stride);
  // Rows without taps, which a stride above the kernel leaves, see nothing.
  return [Math.min(Math.ceil((first + start) / stride), end), end];
}

/**
 * Returns the multiply-adds of the direct method: products with pixels inside the image `into`, on
 * the input side of the convolution, for pixels of `out`; of all images and pairs of channels.
 */
export function multiplyAddsOf(
  into: Tensor,
  out: Tensor,
  { stride, dilation, before, groups }: Taps,
  kernel: readonly number[],
): number {
  const [n, ins, ...inSize] = into.shape;
  const [, outs, ...outSize] = out.shape;
  const along = (axis: 0 | 1) => {
    let count = 0;
    for (let tap = 0; tap < kernel[axis]; tap++) {
      const offset = before[axis] - tap * dilation[axis];
      const first = Math.max(0, Math.ceil(offset / stride[axis]));
      const end = Math.min(outSize[axis], Math.ceil((inSize[axis] + offset) / stride[axis]));
      count += Math.max(0, end - first);
    }
    return count;
  };
  return n * outs * (ins / groups) * along(0) * along(1);
}

/** Uniforms: the taps. */
export function tapUniforms({ stride, dilation, before }: Taps, kernel: readonly number[]) {
  return {
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    dilationY: dilation[0],
    dilationX: dilation[1],
    top: before[0],
    left: before[1],
  };
}

/** The largest finite f32. */
const MOST = (2 - 2 ** -23) * 2 ** 127;

/** Uniforms: bias and activation. */
export const epilogueUniforms = ({ attributes }: Node<ConvolutionAttributes>) => ({
  biases: Number(attributes.bias),
  least: attributes.activation === "relu" ? 0 : -MOST,
});

/** Uniforms: sizes of the input and of the output. */
export function sizeUniforms(x: Tensor, y: Tensor, groups: number) {
  const from = imageSizes(x);
  const to = imageSizes(y);
  return {
    batch: from.n,
    inChannels: from.c,
    inHeight: from.h,
    inWidth: from.w,
    inBlocks: from.blocks,
    outChannels: to.c,
    outHeight: to.h,
    outWidth: to.w,
    outBlocks: to.blocks,
    groupIn: from.c / groups,
    groupOut: to.c / groups,
  };
}
