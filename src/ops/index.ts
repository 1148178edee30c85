// Every op, by name: what has kernels of its own. What is composed of ops is a plain function.

import { differentiate } from "../graph/gradients.js";
import { expectTensor, type Op, ShapeError, type Tensor, text } from "../graph/tensor.js";
import { accumulateOp } from "./accumulate.js";
import { add, addOp } from "./add.js";
import { averageWeightsOp } from "./average-weights.js";
import { conv2dOp, conv2dWeightGradientOp } from "./conv2d.js";
import { conv2dLossOp } from "./conv2d-loss.js";
import { cropConcatOp } from "./crop-concat.js";
import { crop2dOp } from "./crop2d.js";
import { dropoutOp } from "./dropout.js";
import { gradientClipOp } from "./gradient-clip.js";
import { adjustLossScaleOp, lossScaleOp, unscaleGradientsOp } from "./loss-scaling.js";
import { maxPool2dGradientOp, maxPool2dOp } from "./max-pool2d.js";
import { narrowOp, widenOp } from "./narrow.js";
import { notFiniteOp } from "./not-finite.js";
import { one } from "./one.js";
import { adamOp, logValueOp, sgdOp } from "./optimizers.js";
import { reluGradientOp, reluOp } from "./relu.js";
import { scaleOp } from "./scale.js";
import { softmaxGradientOp, softmaxOp } from "./softmax.js";
import { upConv2dInputGradientOp, upConv2dOp, upConv2dWeightGradientOp } from "./up-conv2d.js";
import {
  upConv2dStridedInputGradientOp,
  upConv2dStridedOp,
  upConv2dStridedWeightGradientOp,
} from "./up-conv2d-strided.js";
import { weightedCrossEntropyOp } from "./weighted-cross-entropy.js";

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
  narrowOp,
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
  widenOp,
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

export { add } from "./add.js";
export { averageWeights } from "./average-weights.js";
export { type Activation, type Conv2dOptions, conv2d } from "./conv2d.js";
export { cropConcat } from "./crop-concat.js";
export { type Area, crop2d, pad2d } from "./crop2d.js";
export { type DropoutOptions, dropout } from "./dropout.js";
export { gradientClip } from "./gradient-clip.js";
export { maxPool2d } from "./max-pool2d.js";
export { notFinite } from "./not-finite.js";
export { adam, logValue, sgd, type UpdateTensors } from "./optimizers.js";
export { relu } from "./relu.js";
export { scale } from "./scale.js";
export { softmax } from "./softmax.js";
export { upConv2d } from "./up-conv2d.js";
export { type UpConv2dStridedOptions, upConv2dStrided } from "./up-conv2d-strided.js";
export { weightedCrossEntropy } from "./weighted-cross-entropy.js";
