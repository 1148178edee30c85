// The up-convolution of the expanding path: 2x2, stride 2, its windows side by side.

import {
  apply,
  type Capabilities,
  expectDense,
  expectImage,
  expectTensor,
  type Op,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { tiledKernels } from "../common/tiles.js";
import { readsTextures, sharesLoads } from "../conv2d/conv2d-texture.js";
import {
  inputGradientFromBuffers,
  upConvolveFromBuffers,
  weightGradientFromBuffers,
} from "./up-conv2d-buffer.js";
import {
  fillsTexture,
  inputGradientFromTextures,
  upConvolveFromTextures,
  weightGradientFromTextures,
} from "./up-conv2d-texture.js";

/**
 * Transposed convolution 2x2 with stride 2.
 * x [N,I,H,W], weight [I,O,2,2], bias [O] -> [N,O,2H,2W].
 */
export function upConv2d(x: Tensor, weight: Tensor, bias?: Tensor, name?: string): Tensor {
  if (bias !== undefined) expectTensor("up-conv2d", "bias", bias);
  return apply(upConv2dOp, bias ? [x, weight, bias] : [x, weight], undefined, name)[0];
}

/** The texture kernels share their loads: they come first, where they can. */
const kernelsFor = (images: readonly Tensor[], capabilities: Capabilities, isFull = true) => [
  ...(isFull && sharesLoads(capabilities) && readsTextures(images, capabilities)
    ? ["texture"]
    : []),
  ...tiledKernels("buffer", capabilities),
];

export const upConv2dOp: Op<undefined> = {
  name: "up-conv2d",
  kernels({ inputs: [x, weight] }, capabilities) {
    return kernelsFor([x], capabilities, fillsTexture(weight, capabilities));
  },
  outputs([x, weight, bias]) {
    expectImage("up-conv2d", "input", x);
    const [n, c, h, w] = x.shape;
    const [ins, outs, ...kernel] = weight.shape;
    if (weight.layout !== "dense" || kernel[0] !== 2 || kernel[1] !== 2) {
      throw new ShapeError(
        `up-conv2d: weight must be a dense [I,O,2,2], got ${weight.layout} ${text(weight.shape)}`,
      );
    }
    if (c !== ins) {
      throw new ShapeError(
        `up-conv2d: input has ${c} channels but weight expects ${ins} (input ${text(x.shape)}, weight ${text(weight.shape)})`,
      );
    }
    if (bias) expectDense("up-conv2d", "bias", bias, [outs]);
    return [{ shape: [n, outs, h * 2, w * 2], layout: "image" }];
  },
  gradient({ inputs: [x, weight, bias], name }, [dy]) {
    if (!dy) return [];
    const withBias = bias !== undefined;
    return [
      apply(upConv2dInputGradientOp, [dy, weight], undefined, `${name} gradient: input`)[0],
      ...apply(upConv2dWeightGradientOp, [x, dy], { bias: withBias }, `${name} gradient: weight`),
    ];
  },
  dispatches(node, capabilities, kernel) {
    return kernel === "texture"
      ? upConvolveFromTextures(node, capabilities)
      : upConvolveFromBuffers(node, capabilities, kernel);
  },
};

/** Inputs dy [N,O,2H,2W] and the weight [I,O,2,2]; output dx [N,I,H,W]. */
export const upConv2dInputGradientOp: Op<undefined> = {
  name: "up-conv2d-input-gradient",
  kernels({ inputs: [dy, weight], outputs: [dx] }, capabilities) {
    // A mask is read as a texture too, and has the shape of dx.
    return kernelsFor([dy, dx], capabilities, fillsTexture(weight, capabilities));
  },
  fusesReluMask: () => true,
  outputs([dy, weight]) {
    const [n, , h, w] = dy.shape;
    return [{ shape: [n, weight.shape[0], h / 2, w / 2], layout: "image" }];
  },
  dispatches(node, capabilities, kernel) {
    return kernel === "texture"
      ? inputGradientFromTextures(node, capabilities)
      : inputGradientFromBuffers(node, capabilities, kernel);
  },
};

export interface UpWeightGradientAttributes {
  /** Whether there is a bias, whose gradient is the sum of dy. */
  readonly bias: boolean;
}

/**
 * Inputs x [N,I,H,W] and dy [N,O,2H,2W]; outputs the gradients [I,O,2,2] of the weight and, where
 * there is one, [O] of the bias: every kernel loads all of dy in any case.
 */
export const upConv2dWeightGradientOp: Op<UpWeightGradientAttributes> = {
  name: "up-conv2d-weight-gradient",
  kernels({ inputs }, capabilities) {
    return kernelsFor(inputs, capabilities);
  },
  outputs([x, dy], { bias }) {
    const [ins, outs] = [x.shape[1], dy.shape[1]];
    return [
      { shape: [ins, outs, 2, 2], layout: "dense" },
      ...(bias ? [{ shape: [outs], layout: "dense" as const }] : []),
    ];
  },
  dispatches(node, capabilities, kernel) {
    return kernel === "texture"
      ? weightGradientFromTextures(node, capabilities)
      : weightGradientFromBuffers(node, capabilities, kernel);
  },
};
