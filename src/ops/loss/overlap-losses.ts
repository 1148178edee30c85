// Losses of the overlap of probabilities and targets.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { expression } from "../formula/expression.js";
import { sum } from "../reduce/reduce.js";
import { checkNumber, expectSame, type LossOptions, reduced } from "./loss-reduction.js";

/** Which pixels an overlap is counted over. */
export interface DiceOptions extends LossOptions {
  /** Added to both sides of the fraction, so that empty classes have no loss. By default 1. */
  readonly smooth?: number | undefined;
  /**
   * The axes of the pixels; by default those after the channels, [2, 3] for images: an overlap per
   * image and class. With 0 among them the overlap is that of the whole batch.
   */
  readonly axes?: readonly number[] | undefined;
}

/** The weights of both kinds of errors. */
export interface TverskyOptions extends DiceOptions {
  /** The weight of false positives; by default 0.5. */
  readonly alpha?: number | undefined;
  /** The weight of false negatives; by default 0.5. */
  readonly beta?: number | undefined;
}

const DICE: Keys<DiceOptions> = { reduction: 1, name: 1, smooth: 1, axes: 1 };
const TVERSKY: Keys<TverskyOptions> = { ...DICE, alpha: 1, beta: 1 };

/**
 * 1 - (2 sum of p t + smooth) / (sum of p + sum of t + smooth), for probabilities p and a target t
 * of the same shape, such as `oneHot` (Milletari et al. 2016, without squares).
 */
export function dice(probabilities: Tensor, target: Tensor, options: DiceOptions = {}): Tensor {
  checkKeys("dice", options, DICE);
  const { smooth = 1, ...rest } = options;
  const half = smooth / 2; // the fraction of dice is that of tversky with both sides doubled
  return overlap("dice", probabilities, target, { ...rest, smooth: half, alpha: 0.5, beta: 0.5 });
}

/**
 * 1 - (TP + smooth) / (TP + alpha FP + beta FN + smooth), where TP = sum of p t, FP = sum of p (1 - t)
 * and FN = sum of (1 - p) t (Salehi et al. 2017).
 */
export function tversky(
  probabilities: Tensor,
  target: Tensor,
  options: TverskyOptions = {},
): Tensor {
  checkKeys("tversky", options, TVERSKY);
  return overlap("tversky", probabilities, target, options);
}

function overlap(op: string, p: Tensor, t: Tensor, options: TverskyOptions): Tensor {
  const { reduction = "mean", smooth = 1, alpha = 0.5, beta = 0.5, name = op } = options;
  expectTensor(name, "the probabilities", p);
  expectSame(name, "the target", t, p);
  checkNumber(name, "smooth", smooth, 0);
  checkNumber(name, "alpha", alpha, 0);
  checkNumber(name, "beta", beta, 0);
  if (p.shape.length < 3 && !options.axes) {
    throw new ShapeError(`${name}: ${text(p.shape)} has no axes after the channels: give \`axes\``);
  }
  const axes = options.axes ?? p.shape.map((_, i) => i).slice(2);
  const hits = expression(
    { p, t },
    { name: `${name}: hits`, value: "p * t", gradient: { p: "dy * t", t: "dy * p" } },
  );
  const [hit, ofP, ofT] = [hits, p, t].map((tensor) => sum(tensor, { axes }));
  // TP + alpha (P - TP) + beta (T - TP)
  const losses = expression(
    { hit, ofP, ofT },
    {
      name,
      functions: `fn total(hit: f32, p: f32, t: f32, alpha: f32, beta: f32, smooth_: f32) -> f32 {
  return hit + alpha * (p - hit) + beta * (t - hit) + smooth_;
}
`,
      numbers: { alpha, beta, extra: smooth },
      value: `1.0 - (hit + extra) / ${TOTAL}`,
      gradient: {
        hit: `-dy * (${TOTAL} - (hit + extra) * (1.0 - alpha - beta)) / (${TOTAL} * ${TOTAL})`,
        ofP: `dy * alpha * (hit + extra) / (${TOTAL} * ${TOTAL})`,
        ofT: `dy * beta * (hit + extra) / (${TOTAL} * ${TOTAL})`,
      },
    },
  );
  return reduced(losses, reduction, name);
}

const TOTAL = "total(hit, ofP, ofT, alpha, beta, extra)";

/**
 * Returns a map of each class: 1 where the label is the class, else 0. label [N,1,H,W] ->
 * [N,classes,H,W], or a dense [N,1,...].
 */
export function oneHot(label: Tensor, classes: number, name = "oneHot"): Tensor {
  expectTensor(name, "the label", label);
  const [n, c, ...rest] = label.shape;
  if (c !== 1 || label.shape.length > 4) {
    throw new ShapeError(`${name}: the label must be [N,1,H,W], got ${text(label.shape)}`);
  }
  if (!Number.isInteger(classes) || classes < 1) {
    throw new ShapeError(`${name}: classes must be a whole number from 1, got ${classes}`);
  }
  const axis = ["pn", "pc", "py", "px"][4 - label.shape.length + 1];
  return expression(
    { label },
    {
      name,
      shape: [n, classes, ...rest],
      value: `select(0.0, 1.0, label == f32(${axis}))`,
      gradient: {},
    },
  );
}
