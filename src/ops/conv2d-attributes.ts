// What a node of conv2d and of its weight gradient carries, for the files that offer kernels.

import type { Node, Tensor } from "../graph/tensor.js";

export type Activation = "none" | "relu";

export interface ConvolutionAttributes {
  readonly border: number;
  readonly activation: Activation;
  /** The weight is [I, O, K, K] and is read with its taps in reverse: the input gradient. */
  readonly transposed: boolean;
  /** Transposed: the gradient is that of `count` input channels from `first`; all when left out. */
  readonly first?: number;
  readonly count?: number;
  /** Which of the inputs after the weight are there, in this order. */
  readonly bias?: boolean;
  readonly skip?: boolean;
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

export interface WeightGradientAttributes {
  readonly border: number;
  readonly kernel: number;
  /** Whether the gradient of the bias is made too. */
  readonly bias: boolean;
}
