// Attributes of the nodes of conv2d and of its weight gradient, shared by the files of its kernels.

import { imageSizes } from "../../graph/layout.js";
import type { Node } from "../../graph/op.js";
import type { Shape, Tensor } from "../../graph/tensor.js";
import { TOLERANCES } from "../../graph/tolerances.js";

/** What is applied to the sums of a convolution. */
export type Activation = "none" | "relu";

export interface ConvolutionAttributes {
  readonly border: number;
  readonly activation: Activation;
  /**
   * Whether this is the input gradient: the weight is [I, O, K, K] and its taps are read in
   * reverse.
   */
  readonly transposed: boolean;
  /** If transposed: only the gradient of `count` input channels from `first`. By default of all. */
  readonly first?: number | undefined;
  readonly count?: number | undefined;
  /** Which inputs follow the weight, in this order. */
  readonly bias?: boolean | undefined;
  readonly skip?: boolean | undefined;
}

/** Returns the inputs of a convolution by name. */
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
 * Whether a kernel is compiled with support for a mask: all input gradients share one pipeline,
 * since a runtime branch is cheaper than a second compilation.
 */
export const mayMask = ({ mask, attributes }: Node<ConvolutionAttributes>) =>
  mask !== undefined || attributes.border === 2;

/** Returns the tolerance of a kernel whose forward tolerance is `forward`. */
export const toleranceOf =
  (forward: number) =>
  ({ attributes }: Node<ConvolutionAttributes>) =>
    attributes.transposed ? TOLERANCES.gradient : forward;

/** Returns the tolerance of a weight gradient. */
export const gradientTolerance = () => TOLERANCES.gradient;

export interface WeightGradientAttributes {
  readonly border: number;
  readonly kernel: number;
  /** Whether the gradient of the bias is computed too. */
  readonly bias: boolean;
}

/**
 * Returns the multiply-adds of the direct method: products with pixels inside the input, which has
 * the shape `into` [N,I,H,W], for outputs `out` [N,O,OH,OW]. The input gradient has the same number
 * as the convolution.
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

/** Uniforms of a shader: sizes of x, and of a skip whose centre precedes it. */
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
