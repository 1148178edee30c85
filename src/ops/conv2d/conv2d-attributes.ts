// What a node of conv2d and of its weight gradient carries, for the files that offer kernels.

import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import type { Shape, Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";

export type Activation = "none" | "relu";

export interface ConvolutionAttributes {
  readonly border: number;
  readonly activation: Activation;
  /** The weight is [I, O, K, K] and is read with its taps in reverse: the input gradient. */
  readonly transposed: boolean;
  /** Transposed: the gradient is that of `count` input channels from `first`; all when left out. */
  readonly first?: number | undefined;
  readonly count?: number | undefined;
  /** Which of the inputs after the weight are there, in this order. */
  readonly bias?: boolean | undefined;
  readonly skip?: boolean | undefined;
}

/** The inputs of a convolution by their names. */
export function convolutionInputs({
  inputs,
  attributes,
}: Pick<Node<ConvolutionAttributes>, "inputs" | "attributes">): {
  x: Tensor;
  weight: Tensor;
  bias: Tensor | undefined;
  skip: Tensor | undefined;
} {
  const [x, weight, ...rest] = inputs;
  const bias = attributes.bias ? rest.shift() : undefined;
  return { x, weight, bias, skip: attributes.skip ? rest.shift() : undefined };
}

/**
 * Whether a kernel is compiled so that it can mask: all input gradients share one pipeline, since to
 * compile another takes longer than to ask.
 */
export const mayMask = ({ mask, attributes }: Node<ConvolutionAttributes>) =>
  mask !== undefined || attributes.border === 2;

/** How far a kernel may be off that is off by `forward` where it computes no gradient. */
export const toleranceOf =
  (forward: number) =>
  ({ attributes }: Node<ConvolutionAttributes>) =>
    attributes.transposed ? TOLERANCES.gradient : forward;

/** The same for a weight gradient. */
export const gradientTolerance = () => TOLERANCES.gradient;

export interface WeightGradientAttributes {
  readonly border: number;
  readonly kernel: number;
  /** Whether the gradient of the bias is made too. */
  readonly bias: boolean;
}

/**
 * Multiply-adds of the direct method: products with pixels inside of the input, which has `into`
 * [N,I,H,W], for outputs `out` [N,O,OH,OW]. The input gradient has as many as the convolution.
 */
export function multiplyAddsOf(into: Shape, out: Shape, border: number, kernel: number): number {
  const taps = (size: number, outSize: number) => {
    let count = 0;
    for (let tap = 0; tap < kernel; tap++) {
      const first = Math.max(0, border - tap);
      const end = Math.min(outSize, size + border - tap);
      count += Math.max(0, end - first);
    }
    return count;
  };
  return out[0] * out[1] * into[1] * taps(into[2], out[2]) * taps(into[3], out[3]);
}

/** Fields of a shader's uniforms: sizes of x, and of a skip whose centre stands before it. */
export function inputSizes(x: Tensor, skip: Tensor | undefined) {
  const { c, h, w, blocks, groups } = imageSizes(x);
  const before = skip && imageSizes(skip);
  return {
    channels: c,
    height: h,
    blocks,
    groups,
    skipChannels: before?.c ?? 0,
    skipHeight: before?.h ?? 0,
    skipBlocks: before?.blocks ?? 0,
    skipTop: before ? (before.h - h) >> 1 : 0,
    skipLeft: before ? ((before.w - w) >> 1) / 4 : 0,
  };
}
