// 2D convolution with stride 1, bias and activation, and its gradients.
//
// The input gradient of a convolution is a convolution of dy with the transposed, flipped weight
// and a border of KERNEL - 1 - border: the same kernel. The weight gradient has separate kernels
// with two stages, since there are no float atomics.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { apply, type Op, type Rows } from "../../graph/op.js";
import {
  expectDense,
  expectImage,
  expectTensor,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { cropConcat, expectSkip, uncrop } from "../crop/crop-concat.js";
import { pad2d } from "../crop/crop2d.js";
import { reluGradient } from "../elementwise/relu.js";
import {
  type Activation,
  type ConvolutionAttributes,
  convolutionInputs,
  type WeightGradientAttributes,
} from "./conv2d-attributes.js";
import { bufferGradientKernels, bufferKernels } from "./conv2d-buffer.js";
import { fuseLoss } from "./conv2d-loss.js";
import { sharedGradientKernel, sharedKernel } from "./conv2d-shared.js";
import { textureGradientKernels, textureKernel } from "./conv2d-texture.js";
import { textureWinogradKernel } from "./conv2d-texture-winograd.js";
import { winogradKernels } from "./conv2d-winograd.js";
import { winogradGradientKernels } from "./conv2d-winograd-gradient.js";
import {
  halfWorkgroupKernels,
  workgroupGradientKernels,
  workgroupKernels,
} from "./conv2d-workgroup.js";

export type { Activation } from "./conv2d-attributes.js";

/** How a convolution is computed. */
export interface Conv2dOptions {
  /**
   * Zeros around the input: "valid" adds none, "same" (kernel - 1) / 2, a number that many pixels.
   */
  readonly padding?: "valid" | "same" | number | undefined;
  /** "none" when left out. */
  readonly activation?: Activation | undefined;
  /**
   * A skip connection [N,S,HS,WS]. Its centre, cropped to the size of x, precedes the channels of
   * x, as with cropConcat, but some kernels read both in place. The weight has S + I input
   * channels.
   */
  readonly skip?: Tensor | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<Conv2dOptions> = { padding: 1, activation: 1, skip: 1, name: 1 };
const ACTIVATIONS: readonly Activation[] = ["none", "relu"];
const PADDINGS: readonly string[] = ["valid", "same"];

/**
 * Convolution (cross-correlation) with stride 1. x [N,I,H,W], weight [O,I,K,K] with K odd, bias [O]
 * -> [N,O,H',W'], H' = H + 2 padding - K + 1. Throws a `ShapeError` if the shapes do not fit.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: Conv2dOptions = {},
): Tensor {
  if (bias !== undefined && typeof bias === "object" && !("shape" in bias)) {
    throw new ShapeError(
      `conv2d: the third argument must be the bias, a tensor or undefined, got ${kindOf(bias)}: options come after it`,
    );
  }
  expectTensor("conv2d", "weight", weight);
  checkKeys("conv2d", options, OPTIONS);
  const kernel = weight.shape[2] ?? 1;
  const { padding = "valid", activation = "none", name } = options;
  checkWord("conv2d: the activation", activation, ACTIVATIONS);
  if (typeof padding === "string") checkWord("conv2d: the padding", padding, PADDINGS);
  const zeros = padding === "valid" ? 0 : padding === "same" ? (kernel - 1) / 2 : padding;
  // Kernels support a border of at most kernel - 1 zeros, that of the full convolution.
  const border = zeros > kernel - 1 && Number.isInteger(zeros) ? kernel - 1 : zeros;
  const isWider = border < zeros;
  const skip = isWider ? undefined : options.skip;
  const whole = isWider && options.skip ? cropConcat(options.skip, x, name) : x;
  const padded = isWider ? pad2d(whole, zeros - border, `${name ?? "conv2d"}: padding`) : x;
  const attributes: ConvolutionAttributes = {
    border,
    activation,
    transposed: false,
    bias: bias !== undefined,
    skip: skip !== undefined,
  };
  const inputs = [padded, weight, ...(bias ? [bias] : []), ...(skip ? [skip] : [])];
  return apply(conv2dOp, inputs, attributes, name)[0];
}

export const conv2dOp: Op<ConvolutionAttributes> = {
  name: "conv2d",
  outputs(inputs, attributes) {
    const { border, transposed, count } = attributes;
    const { x, weight, bias, skip } = convolutionInputs({ inputs, attributes });
    expectImage("conv2d", "input", x);
    if (weight.layout !== "dense" || weight.shape.length !== 4) {
      throw new ShapeError(
        `conv2d: weight must be a dense [O,I,K,K], got ${weight.layout} ${text(weight.shape)}`,
      );
    }
    const [n, c, h, w] = x.shape;
    const [a, b, kernel, width] = weight.shape;
    const [outs, ins] = transposed ? [count ?? b, a] : [a, b];
    const shapes = `(input ${text(x.shape)}, weight ${text(weight.shape)}${skip ? `, skip ${text(skip.shape)}` : ""})`;
    if (skip) expectSkip("conv2d", skip, "input", x);
    const channels = c + (skip?.shape[1] ?? 0);
    if (kernel !== width || kernel % 2 === 0) {
      throw new ShapeError(`conv2d: the kernel must be square and odd, got ${kernel}x${width}`);
    }
    if (channels !== ins) {
      const what = skip ? "skip and input have" : "input has";
      throw new ShapeError(
        `conv2d: ${what} ${channels} channels but weight expects ${ins} ${shapes}`,
      );
    }
    if (!Number.isInteger(border) || border < 0 || border >= kernel) {
      throw new ShapeError(`conv2d: padding must be a whole number from 0, got ${border}`);
    }
    const [oh, ow] = [h + 2 * border - kernel + 1, w + 2 * border - kernel + 1];
    if (oh < 1 || ow < 1) {
      throw new ShapeError(
        `conv2d: a kernel of ${kernel} with padding ${border} does not fit into ${h}x${w} ${shapes}`,
      );
    }
    if (bias) expectDense("conv2d", "bias", bias, [outs]);
    return [{ shape: [n, outs, oh, ow], layout: "image" }];
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const { x, weight, bias, skip } = convolutionInputs(node);
    const { border, activation, transposed } = node.attributes;
    if (transposed) throw new ShapeError(`${node.name}: second derivatives are not supported`);
    const name = `${node.name} gradient`;
    const d = activation === "relu" ? reluGradient(node.outputs[0], dy, `${name}: relu`) : dy;
    const kernel = weight.shape[2];
    const inputGradient = (what: string, first: number, count: number) => {
      const attributes: ConvolutionAttributes = {
        border: kernel - 1 - border,
        activation: "none",
        transposed: true,
        first,
        count,
      };
      return apply(conv2dOp, [d, weight], attributes, `${name}: ${what}`)[0];
    };
    const skipChannels = skip?.shape[1] ?? 0;
    const [dw, db] = apply(
      conv2dWeightGradientOp,
      skip ? [x, d, skip] : [x, d],
      { border, kernel, bias: bias !== undefined },
      `${name}: weight`,
    );
    return [
      inputGradient("input", skipChannels, x.shape[1]),
      dw,
      ...(bias ? [db] : []),
      ...(skip ? [uncrop(inputGradient("skip", 0, skipChannels), skip, `${name}: skip`)] : []),
    ];
  },
  fuseInto: fuseLoss,
  isCostly: true,
  receptiveField(node, [first, last]) {
    const { x, weight, skip } = convolutionInputs(node);
    const { border } = node.attributes;
    const rows: Rows = [first - border, last - border + weight.shape[2] - 1];
    if (!skip) return [[x, rows]];
    const top = (skip.shape[2] - x.shape[2]) >> 1;
    return [
      [x, rows],
      [skip, [rows[0] + top, rows[1] + top]],
    ];
  },
  words: ({ attributes }) => (attributes.skip ? "convolution, reads the skip too" : "convolution"),
  kernels: [
    textureWinogradKernel,
    textureKernel,
    sharedKernel,
    ...bufferKernels,
    ...winogradKernels,
    ...workgroupKernels,
    ...halfWorkgroupKernels,
  ],
};

/**
 * Inputs x [N,I,H,W], dy [N,O,OH,OW] and optionally the skip [N,S,HS,WS], whose channels precede
 * those of x; outputs the gradient [O,S+I,K,K] of the weight and that of the bias [O], the sum of
 * dy over images and pixels.
 */
export const conv2dWeightGradientOp: Op<WeightGradientAttributes> = {
  name: "conv2d-weight-gradient",
  outputs([x, dy, skip], { kernel, bias }) {
    const [outs, ins] = [dy.shape[1], x.shape[1] + (skip?.shape[1] ?? 0)];
    return [
      { shape: [outs, ins, kernel, kernel], layout: "dense" },
      ...(bias ? [{ shape: [outs], layout: "dense" } as const] : []),
    ];
  },
  kernels: [
    ...textureGradientKernels,
    sharedGradientKernel,
    ...bufferGradientKernels,
    ...winogradGradientKernels,
    ...workgroupGradientKernels,
  ],
};
