// Cross-entropy of logits and classes, in its usual variants (PyTorch's cross_entropy).

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { checkNumbers } from "../../arguments/numbers.js";
import {
  constant,
  elementCount,
  expectTensor,
  ShapeError,
  sameShape,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { greater } from "../formula/comparisons.js";
import { expression } from "../formula/expression.js";
import { sum } from "../reduce/reduce.js";
import { type Case, lossesOf, pixelWeights } from "./cross-entropy-formulas.js";
import { checkNumber, checkReduction, type LossOptions, reduced } from "./loss-reduction.js";
import { weightedCrossEntropy } from "./weighted-cross-entropy.js";

/** Variants of a cross-entropy. */
export interface CrossEntropyOptions extends LossOptions {
  /** A weight per class. With class indices the mean is divided by the sum of the weights. */
  readonly classWeights?: ArrayLike<number> | undefined;
  /** Pixels with this class index are left out of the loss and the mean. */
  readonly ignoreIndex?: number | undefined;
  /** The share of the target, from 0 to 1, that is spread evenly over all classes. */
  readonly labelSmoothing?: number | undefined;
}

const OPTIONS: Keys<CrossEntropyOptions> = {
  reduction: 1,
  name: 1,
  classWeights: 1,
  ignoreIndex: 1,
  labelSmoothing: 1,
};

/**
 * Cross-entropy of the softmax over axis 1 of logits [N,K,...]. The target has class indices, [N,1,H,W]
 * for images and [N,...] (or [N,1,...]) else, or probabilities of the shape of the logits ("soft
 * labels"). Without reduction the losses are [N,1,H,W] for images, else [N,...]. With class indices
 * the mean is that of the pixels that are not ignored, weighted by their classes; it is 0 if there are
 * none. Finite for logits of any size. Throws if an input of a run has a class that does not exist.
 */
export function crossEntropy(
  logits: Tensor,
  target: Tensor,
  options: CrossEntropyOptions = {},
): Tensor {
  checkKeys("crossEntropy", options, OPTIONS);
  const { reduction = "mean", name = "crossEntropy" } = options;
  checkReduction(name, reduction);
  const given = caseOf(name, logits, target, options);
  const { isSoft, weights } = given;
  const isWeighted = target.layout === "image" && !isSoft && !options.labelSmoothing;
  const isPositive = Array.from(options.classWeights ?? []).every((weight) => weight >= 0);
  if (reduction === "mean" && isWeighted && isPositive) return weightedMean(given);
  const losses = lossesOf(given);
  const isPlain = isSoft || (!weights && options.ignoreIndex === undefined);
  if (reduction !== "mean" || isPlain) return reduced(losses, reduction, name);
  return expression(
    { total: sum(losses), count: sum(pixelWeights(given)) },
    {
      name: `${name}: mean`,
      value: "select(total / count, 0.0, count == 0.0)",
      gradient: { total: "select(dy / count, 0.0, count == 0.0)" },
    },
  );
}

/** The mean of images by the op of the built-in networks, whose kernel also makes the gradient. */
function weightedMean(given: Case): Tensor {
  const { logits, target, weights, name } = given;
  const map = pixelWeights(given);
  const loss = weightedCrossEntropy(logits, target, map, name);
  if (!weights) return loss;
  // It is divided by the number of pixels with a weight.
  const [count, total] = [sum(greater(map, 0)), sum(map)];
  const value = "select(loss * count / total, 0.0, total == 0.0)";
  return expression(
    { loss, count, total },
    { name: `${name}: mean`, value, gradient: { loss: value.replace("loss", "dy") } },
  );
}

function caseOf(
  name: string,
  logits: Tensor,
  target: Tensor,
  { classWeights, ignoreIndex, labelSmoothing = 0 }: CrossEntropyOptions,
): Case {
  expectTensor(name, "the logits", logits);
  expectTensor(name, "the target", target);
  const [n, classes, ...rest] = logits.shape;
  if (logits.shape.length < 2 || classes < 2) {
    throw new ShapeError(
      `${name}: the logits must be [N,K,...] with at least 2 classes K, got ${text(logits.shape)}`,
    );
  }
  const isSoft = sameShape(logits, target);
  const maps = [[n, 1, ...rest], ...(target.layout === "dense" ? [[n, ...rest]] : [])];
  if (!isSoft && !maps.some((shape) => text(shape) === text(target.shape))) {
    throw new ShapeError(
      `${name}: the target must have class indices ${maps.map(text).join(" or ")} or probabilities ` +
        `${text(logits.shape)}, got ${target.layout} ${text(target.shape)}`,
    );
  }
  checkNumber(name, "labelSmoothing", labelSmoothing, 0);
  if (labelSmoothing > 1)
    throw new Error(`${name}: labelSmoothing must be at most 1, got ${labelSmoothing}`);
  if (ignoreIndex !== undefined) {
    checkNumber(name, "ignoreIndex", ignoreIndex);
    if (isSoft)
      throw new Error(
        `${name}: ignoreIndex is for class indices, but the target has probabilities`,
      );
  }
  if (classWeights) {
    checkNumbers(`${name}: classWeights`, classWeights);
    if (classWeights.length !== classes) {
      throw new ShapeError(
        `${name}: there are ${classWeights.length} class weights, expected one per class of ${classes}`,
      );
    }
  }
  const weights = classWeights && constant(`${name}: class weights`, [classes], classWeights);
  const places = rest.length <= 2 ? [...rest, 1, 1].slice(0, 2) : [elementCount(rest), 1];
  return {
    ...{ name, logits, target, weights, isSoft, ignoreIndex },
    views: {
      logits: [n, classes, ...places],
      pixels: [n, 1, ...places],
      weights: [1, classes, 1, 1],
    },
    // No class is negative.
    numbers: { classes, smoothing: labelSmoothing, ignored: ignoreIndex ?? -1 },
  };
}
