// 2D convolution with stride 1, bias and activation, and its gradients.
//
// The input gradient of a convolution is a convolution of dy with the transposed, flipped weight
// and a border of KERNEL - 1 - border: the same kernel. The weight gradient has kernels of its own,
// in two stages, since no atomics add floats.

import {
  apply,
  type Capabilities,
  expectDense,
  expectImage,
  type Node,
  type Op,
  ShapeError,
  type Tensor,
  text,
} from "../graph/tensor.js";
import { channelSum } from "./channel-sum.js";
import { convolveFromBuffers, weightGradientFromBuffers } from "./conv2d-buffer.js";
import {
  convolveFromTextures,
  readsTextures,
  weightGradientFromTextures,
} from "./conv2d-texture.js";
import { reluGradient } from "./relu.js";

export type Activation = "none" | "relu";

export interface Conv2dOptions {
  /** Zeros around the input: "valid" none, "same" (kernel - 1) / 2, or a number of pixels. */
  readonly padding?: "valid" | "same" | number;
  readonly activation?: Activation;
  readonly name?: string;
}

export interface ConvolutionAttributes {
  readonly border: number;
  readonly activation: Activation;
  /** The weight is [I, O, K, K] and is read with its taps in reverse: the input gradient. */
  readonly transposed: boolean;
}

/**
 * Convolution (cross-correlation) with stride 1.
 * x [N,I,H,W], weight [O,I,K,K] with K odd, bias [O] -> [N,O,H',W'], H' = H + 2 padding - K + 1.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: Conv2dOptions = {},
): Tensor {
  const kernel = weight.shape[2] ?? 1;
  const { padding = "valid", activation = "none" } = options;
  const border = padding === "valid" ? 0 : padding === "same" ? (kernel - 1) / 2 : padding;
  const attributes = { border, activation, transposed: false };
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return apply(conv2dOp, inputs, attributes, options.name)[0];
}

export const conv2dOp: Op<ConvolutionAttributes> = {
  name: "conv2d",
  kernels: kernelsFor,
  // Reading a mask makes the texture kernel compile for two more seconds on lavapipe, for a
  // fortieth of a step.
  takesMask: (_node, _capabilities, kernel) => kernel !== "texture",
  outputs([x, weight, bias], { border, transposed }) {
    expectImage("conv2d", "input", x);
    if (weight.order !== "dense" || weight.shape.length !== 4) {
      throw new ShapeError(
        `conv2d: weight must be a dense [O,I,K,K], got ${weight.order} ${text(weight.shape)}`,
      );
    }
    const [n, c, h, w] = x.shape;
    const [outs, ins] = transposed ? [weight.shape[1], weight.shape[0]] : weight.shape;
    const [, , kernel, width] = weight.shape;
    const shapes = `(input ${text(x.shape)}, weight ${text(weight.shape)})`;
    if (kernel !== width || kernel % 2 === 0) {
      throw new ShapeError(`conv2d: the kernel must be square and odd, got ${kernel}x${width}`);
    }
    if (c !== ins) {
      throw new ShapeError(`conv2d: input has ${c} channels but weight expects ${ins} ${shapes}`);
    }
    if (!Number.isInteger(border) || border < 0 || border >= kernel) {
      throw new ShapeError(
        `conv2d: padding must be 0 to ${kernel - 1} for a kernel of ${kernel}, got ${border}`,
      );
    }
    const [oh, ow] = [h + 2 * border - kernel + 1, w + 2 * border - kernel + 1];
    if (oh < 1 || ow < 1) {
      throw new ShapeError(
        `conv2d: a kernel of ${kernel} with padding ${border} does not fit into ${h}x${w} ${shapes}`,
      );
    }
    if (bias) expectDense("conv2d", "bias", bias, [outs]);
    return [{ shape: [n, outs, oh, ow], order: "image" }];
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [x, weight, bias] = node.inputs;
    const { border, activation, transposed } = node.attributes;
    if (transposed) throw new ShapeError(`${node.name}: a gradient of a gradient is not offered`);
    const name = `${node.name} gradient`;
    const d = activation === "relu" ? reluGradient(node.outputs[0], dy, `${name}: relu`) : dy;
    const kernel = weight.shape[2];
    const inputAttributes: ConvolutionAttributes = {
      border: kernel - 1 - border,
      activation: "none",
      transposed: true,
    };
    const inputs = [x, d];
    return [
      apply(conv2dOp, [d, weight], inputAttributes, `${name}: input`)[0],
      apply(conv2dWeightGradientOp, inputs, { border, kernel }, `${name}: weight`)[0],
      ...(bias ? [channelSum(d, `${name}: bias`)] : []),
    ];
  },
  dispatches(node, capabilities, kernel) {
    return kernel === "texture"
      ? convolveFromTextures(node)
      : convolveFromBuffers(node, capabilities);
  },
};

function kernelsFor(
  { inputs: [x, weight] }: Node<ConvolutionAttributes>,
  capabilities: Capabilities,
): string[] {
  const textures = weight.shape[2] === 3 && readsTextures([x], capabilities);
  return [...(textures ? ["texture"] : []), "buffer"];
}

export interface WeightGradientAttributes {
  readonly border: number;
  readonly kernel: number;
}

/** Inputs x [N,I,H,W] and dy [N,O,OH,OW]; output the gradient [O,I,K,K] of the weight. */
export const conv2dWeightGradientOp: Op<WeightGradientAttributes> = {
  name: "conv2d-weight-gradient",
  outputs([x, dy], { kernel }) {
    return [{ shape: [dy.shape[1], x.shape[1], kernel, kernel], order: "dense" }];
  },
  kernels(node, capabilities) {
    const textures = node.attributes.kernel === 3 && readsTextures(node.inputs, capabilities);
    return [...(textures ? ["texture"] : []), "buffer"];
  },
  dispatches(node, capabilities, kernel) {
    return kernel === "texture"
      ? weightGradientFromTextures(node, capabilities)
      : weightGradientFromBuffers(node, capabilities);
  },
};
