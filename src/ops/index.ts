// Every op, by name: what has kernels of its own. What is composed of ops is a plain function.

import { differentiate } from "../graph/gradients.js";
import { expectTensor, type Op, ShapeError, type Tensor, text } from "../graph/tensor.js";
import { one } from "./common/one.js";
import { conv2dOp, conv2dWeightGradientOp } from "./conv2d/conv2d.js";
import { conv2dLossOp } from "./conv2d/conv2d-loss.js";
import { cropConcatOp } from "./crop/crop-concat.js";
import { crop2dOp } from "./crop/crop2d.js";
import { add, addOp } from "./elementwise/add.js";
import { castF16Op, castF32Op } from "./elementwise/cast.js";
import { dropoutOp } from "./elementwise/dropout.js";
import { reluGradientOp, reluOp } from "./elementwise/relu.js";
import { scaleOp } from "./elementwise/scale.js";
import { softmaxGradientOp, softmaxOp } from "./loss/softmax.js";
import { weightedCrossEntropyOp } from "./loss/weighted-cross-entropy.js";
import { maxPool2dGradientOp, maxPool2dOp } from "./pool/max-pool2d.js";
import {
  upConv2dInputGradientOp,
  upConv2dOp,
  upConv2dWeightGradientOp,
} from "./up-conv2d/up-conv2d.js";
import {
  upConv2dStridedInputGradientOp,
  upConv2dStridedOp,
  upConv2dStridedWeightGradientOp,
} from "./up-conv2d/up-conv2d-strided.js";
import { accumulateOp } from "./update/accumulate.js";
import { averageWeightsOp } from "./update/average-weights.js";
import { gradientClipOp } from "./update/gradient-clip.js";
import { adjustLossScaleOp, lossScaleOp, unscaleGradientsOp } from "./update/loss-scaling.js";
import { notFiniteOp } from "./update/not-finite.js";
import { adamOp, logValueOp, sgdOp } from "./update/optimizers.js";

// biome-ignore lint/suspicious/noExplicitAny: ops differ in their attributes
export const ops: readonly Op<any>[] = [
  accumulateOp,
  addOp,
  conv2dOp,
  conv2dWeightGradientOp,
  conv2dLossOp,
  cropConcatOp,
  crop2dOp,
  dropoutOp,
  maxPool2dOp,
  maxPool2dGradientOp,
  castF16Op,
  reluOp,
  reluGradientOp,
  scaleOp,
  softmaxOp,
  softmaxGradientOp,
  upConv2dOp,
  upConv2dInputGradientOp,
  upConv2dWeightGradientOp,
  upConv2dStridedOp,
  upConv2dStridedInputGradientOp,
  upConv2dStridedWeightGradientOp,
  weightedCrossEntropyOp,
  castF32Op,
  sgdOp,
  adamOp,
  logValueOp,
  gradientClipOp,
  averageWeightsOp,
  lossScaleOp,
  unscaleGradientsOp,
  adjustLossScaleOp,
  notFiniteOp,
];

/**
 * Gradients of `output` with respect to each tensor of `of`; undefined where it does not depend on
 * one. Without `seed`, `output` must be a single number [1] such as a loss; with it, the gradients
 * are those of sum(seed * output).
 */
export function gradients(
  output: Tensor,
  of: readonly Tensor[],
  seed?: Tensor,
): (Tensor | undefined)[] {
  expectTensor("gradients", "the output", output);
  if (!seed && (output.shape.length !== 1 || output.shape[0] !== 1)) {
    throw new ShapeError(
      `gradients: ${output.name} ${text(output.shape)} is not a single number: pass a seed of its shape`,
    );
  }
  return differentiate(output, of, seed ?? one("gradient of the loss"), add);
}

export { type Activation, type Conv2dOptions, conv2d } from "./conv2d/conv2d.js";
export { cropConcat } from "./crop/crop-concat.js";
export { type Area, crop2d, pad2d } from "./crop/crop2d.js";
export { add } from "./elementwise/add.js";
export { type DropoutOptions, dropout } from "./elementwise/dropout.js";
export { relu } from "./elementwise/relu.js";
export { scale } from "./elementwise/scale.js";
export { softmax } from "./loss/softmax.js";
export { weightedCrossEntropy } from "./loss/weighted-cross-entropy.js";
export { maxPool2d } from "./pool/max-pool2d.js";
export { upConv2d } from "./up-conv2d/up-conv2d.js";
export { type UpConv2dStridedOptions, upConv2dStrided } from "./up-conv2d/up-conv2d-strided.js";
export { averageWeights } from "./update/average-weights.js";
export { gradientClip } from "./update/gradient-clip.js";
export { notFinite } from "./update/not-finite.js";
export { adam, logValue, sgd, type UpdateTensors } from "./update/optimizers.js";
