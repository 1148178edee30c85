// Losses of logits of independent classes: the target is 0 or 1, or between.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { expectTensor, type Tensor } from "../../graph/tensor.js";
import { SIGMOID, SOFTPLUS } from "../formula/activations.js";
import { type Operand, ofOperands } from "../formula/elementwise.js";
import { checkNumber, expectSame, type LossOptions, reduced } from "./loss-reduction.js";

const FUNCTIONS = SIGMOID + SOFTPLUS;

/** Weights of a binary cross-entropy. Tensors broadcast; they have no gradients. */
export interface BceOptions extends LossOptions {
  /** Factors of the losses. */
  readonly weight?: Operand | undefined;
  /** Factors of the losses of positive targets, such as [C,1,1]. */
  readonly positiveWeight?: Operand | undefined;
}

const BCE: Keys<BceOptions> = { reduction: 1, name: 1, weight: 1, positiveWeight: 1 };

/**
 * Cross-entropy of sigmoid(logits) and a target from 0 to 1 of the same shape:
 * -weight * (positiveWeight * t * log p + (1 - t) * log(1 - p)). Finite for logits of any size.
 */
export function bceWithLogits(logits: Tensor, target: Tensor, options: BceOptions = {}): Tensor {
  checkKeys("bceWithLogits", options, BCE);
  const { reduction = "mean", weight = 1, positiveWeight = 1, name = "bceWithLogits" } = options;
  expectTensor(name, "the logits", logits);
  expectSame(name, "the target", target, logits);
  const losses = ofOperands(
    { x: logits, t: target, weight, positive: positiveWeight },
    {
      name,
      functions: FUNCTIONS,
      value: "weight * (positive * t * smooth_relu(-x) + (1.0 - t) * smooth_relu(x))",
      gradient: {
        x: "dy * weight * ((1.0 - t) * logistic(x) - positive * t * logistic(-x))",
        t: "dy * weight * (positive * smooth_relu(-x) - smooth_relu(x))",
      },
    },
  );
  return reduced(losses, reduction, name);
}

/** The weights of a focal loss. */
export interface FocalOptions extends LossOptions {
  /** The weight of positive targets; that of negative ones is 1 - alpha. By default 0.25. */
  readonly alpha?: number | undefined;
  /** The exponent from 0 that reduces the losses of easy elements. By default 2. */
  readonly gamma?: number | undefined;
}

const FOCAL: Keys<FocalOptions> = { reduction: 1, name: 1, alpha: 1, gamma: 1 };

/**
 * Focal loss of sigmoid(logits) and a target from 0 to 1 of the same shape (Lin et al. 2017):
 * a * q^gamma * cross-entropy, where q is the probability of the wrong answer, and a is alpha for
 * positive targets, else 1 - alpha.
 */
export function focal(logits: Tensor, target: Tensor, options: FocalOptions = {}): Tensor {
  checkKeys("focal", options, FOCAL);
  const { reduction = "mean", alpha = 0.25, gamma = 2, name = "focal" } = options;
  expectTensor(name, "the logits", logits);
  expectSame(name, "the target", target, logits);
  checkNumber(name, "alpha", alpha, 0);
  checkNumber(name, "gamma", gamma, 0);
  const losses = ofOperands(
    { x: logits, t: target },
    {
      name,
      functions: FUNCTIONS + FOCAL_FUNCTIONS,
      numbers: { alpha, gamma },
      value: "balance(t, alpha) * power(wrong(x, t), gamma) * entropy(x, t)",
      gradient: {
        x: "dy * balance(t, alpha) * (gamma * power(wrong(x, t), gamma - 1.0) * wrong_slope(x, t) * entropy(x, t) + power(wrong(x, t), gamma) * (logistic(x) - t))",
      },
    },
  );
  return reduced(losses, reduction, name);
}

/** q to a power, which may be below 0: q is kept away from 0. */
const FOCAL_FUNCTIONS = `fn balance(t: f32, alpha: f32) -> f32 { return alpha * t + (1.0 - alpha) * (1.0 - t); }
fn wrong(x: f32, t: f32) -> f32 { return logistic(x) * (1.0 - t) + logistic(-x) * t; }
fn wrong_slope(x: f32, t: f32) -> f32 { return logistic(x) * logistic(-x) * (1.0 - 2.0 * t); }
fn entropy(x: f32, t: f32) -> f32 { return t * smooth_relu(-x) + (1.0 - t) * smooth_relu(x); }
fn power(q: f32, exponent: f32) -> f32 { return select(pow(max(q, 1e-30), exponent), 1.0, exponent == 0.0); }
`;
