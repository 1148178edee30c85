// Losses of differences between a prediction and a target of the same shape.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { expectTensor, ShapeError, type Tensor } from "../../graph/tensor.js";
import { type ExpressionOptions, expression } from "../formula/expression.js";
import { expectSame, type LossOptions, reduced } from "./loss-reduction.js";

const OPTIONS: Keys<LossOptions> = { reduction: 1, name: 1 };

/** |prediction - target|. */
export function l1Loss(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkKeys("l1Loss", options, OPTIONS);
  return ofDifference("l1Loss", prediction, target, options, "abs(a - b)", "sign(a - b)");
}

/** (prediction - target)^2. */
export function mseLoss(prediction: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  checkKeys("mseLoss", options, OPTIONS);
  return ofDifference("mseLoss", prediction, target, options, "(a - b) * (a - b)", "2.0 * (a - b)");
}

/** Where a smooth L1 loss changes. */
export interface SmoothL1Options extends LossOptions {
  /** The difference, above 0, at which the loss becomes linear; by default 1. */
  readonly beta?: number | undefined;
}

/**
 * d^2 / (2 beta) for differences |d| below beta, else |d| - beta / 2 (Girshick 2015, with beta as in
 * PyTorch).
 */
export function smoothL1Loss(
  prediction: Tensor,
  target: Tensor,
  options: SmoothL1Options = {},
): Tensor {
  checkKeys("smoothL1Loss", options, { ...OPTIONS, beta: 1 });
  const { beta = 1 } = options;
  if (!(beta > 0 && beta < Infinity)) {
    throw new ShapeError(`smoothL1Loss: beta must be a number above 0, got ${beta}`);
  }
  const value =
    "select(abs(a - b) - 0.5 * beta, 0.5 * (a - b) * (a - b) / beta, abs(a - b) < beta)";
  const slope = "clamp((a - b) / beta, -1.0, 1.0)";
  return ofDifference("smoothL1Loss", prediction, target, options, value, slope, {
    numbers: { beta },
  });
}

/** A loss of a - b with the derivative `slope` with respect to a. */
function ofDifference(
  op: string,
  a: Tensor,
  b: Tensor,
  { reduction = "mean", name = op }: LossOptions,
  value: string,
  slope: string,
  more: Pick<ExpressionOptions, "numbers"> = {},
): Tensor {
  expectTensor(name, "the prediction", a);
  expectSame(name, "the target", b, a);
  const gradient = { a: `dy * (${slope})`, b: `-dy * (${slope})` };
  return reduced(expression({ a, b }, { ...more, name, value, gradient }), reduction, name);
}
