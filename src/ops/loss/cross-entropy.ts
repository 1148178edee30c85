// Cross-entropy of logits and classes, in its usual variants (PyTorch's cross_entropy).

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { checkNumbers } from "../../arguments/numbers.js";
import {
  constant,
  elementCount,
  expectTensor,
  type Shape,
  ShapeError,
  sameShape,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { expression } from "../formula/expression.js";
import { formula } from "../formula/formula-op.js";
import type { FormulaAttributes } from "../formula/formula-types.js";
import { sum } from "../reduce/reduce.js";
import { checkNumber, checkReduction, type LossOptions, reduced } from "./loss-reduction.js";

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

/** A loss being built: its sizes, and what its formulas need. */
interface Case {
  readonly name: string;
  readonly logits: Tensor;
  readonly target: Tensor;
  readonly weights: Tensor | undefined;
  readonly isSoft: boolean;
  /** Views [N,K,...] of the logits, [N,1,...] of a value per pixel, [1,K,1,1] of the weights. */
  readonly views: Readonly<Record<"logits" | "pixels" | "weights", Shape>>;
  readonly numbers: Readonly<Record<string, number>>;
}

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
  const losses = lossesOf(given, options.ignoreIndex);
  const { isSoft, weights } = given;
  const isPlain = isSoft || (!weights && options.ignoreIndex === undefined);
  if (reduction !== "mean" || isPlain) return reduced(losses, reduction, name);
  const counts = pixelFormula(given, {
    what: "weights of the pixels",
    value: `select(${weights ? "at_weights(0, i32(labels), 0, 0)" : "1.0"}, 0.0, labels == ignored)`,
  });
  return expression(
    { total: sum(losses), count: sum(counts) },
    {
      name: `${name}: mean`,
      value: "select(total / count, 0.0, count == 0.0)",
      gradient: { total: "select(dy / count, 0.0, count == 0.0)" },
    },
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
    ...{ name, logits, target, weights, isSoft },
    views: {
      logits: [n, classes, ...places],
      pixels: [n, 1, ...places],
      weights: [1, classes, 1, 1],
    },
    // No class is negative.
    numbers: { classes, smoothing: labelSmoothing, ignored: ignoreIndex ?? -1 },
  };
}

/** A formula of the inputs of a case, over the pixels or over the logits. */
function caseFormula(
  { name, logits, target, weights, isSoft, views, numbers }: Case,
  over: "pixels" | "logits",
  spec: { what: string; value: string; functions?: string; more?: Record<string, Tensor> },
  gradientOf?: FormulaAttributes["gradientOf"],
  checkValues?: FormulaAttributes["checkValues"],
): Tensor {
  const { what, value, functions = "", more = {} } = spec;
  const tensors = {
    ...{ logits, labels: target },
    ...(weights && { weights }),
    ...more,
  };
  const viewOf = (one: string) => {
    if (one === "logits" || (one === "labels" && isSoft)) return views.logits;
    return one === "weights" ? views.weights : views.pixels;
  };
  const [n, , ...rest] = logits.shape;
  const map = logits.layout === "image" ? [n, 1, ...rest] : [n, ...rest];
  return formula(
    Object.values(tensors),
    {
      names: Object.keys(tensors),
      views: { inputs: Object.keys(tensors).map(viewOf), full: views[over] },
      ...{ value, functions, numbers, gradientOf, checkValues, lets: [], reach: 0 },
      shape: over === "pixels" ? map : logits.shape,
      layout: logits.layout,
    },
    what === "" ? name : `${name}: ${what}`,
  );
}

const pixelFormula = (given: Case, spec: Parameters<typeof caseFormula>[2]) =>
  caseFormula(given, "pixels", spec);

const LARGEST = `fn largest(classes: i32, n: i32, y: i32, x: i32) -> f32 {
  var found = at_logits(n, 0, y, x);
  for (var k = 1; k < classes; k++) { found = max(found, at_logits(n, k, y, x)); }
  return found;
}
`;
const TOTAL = `fn total(classes: i32, n: i32, y: i32, x: i32, largest: f32) -> f32 {
  var found = 0.0;
  for (var k = 0; k < classes; k++) { found += exp(at_logits(n, k, y, x) - largest); }
  return found;
}
`;

/** The share of the target of class k: the formulas of both kinds of targets. */
const shareOf = ({ isSoft, weights }: Case, k: string, w = `at_weights(0, ${k}, 0, 0)`) => {
  const truth = isSoft ? `at_labels(n, ${k}, y, x)` : `select(0.0, 1.0, i32(truth) == ${k})`;
  const share = `((1.0 - smoothing) * ${truth} + smoothing / f32(classes))`;
  return weights ? `${w} * ${share}` : share;
};

/** Adds up what the classes contribute. */
const sumOf = (name: string, given: Case, term: string) => `fn ${name}(
  classes: i32, n: i32, y: i32, x: i32, truth: f32, m: f32, s: f32, smoothing: f32,
) -> f32 {
  var found = 0.0;
  for (var k = 0; k < classes; k++) { found += ${shareOf(given, "k")}${term}; }
  return found;
}
`;

/** The losses of the pixels. */
function lossesOf(given: Case, ignoreIndex: number | undefined): Tensor {
  const { isSoft, weights, target, logits, name } = given;
  const place = "i32(classes), pn, py, px";
  const m = pixelFormula(given, {
    ...{ what: "largest logits", value: `largest(${place})`, functions: LARGEST },
  });
  const s = pixelFormula(given, {
    ...{ what: "sums", value: `total(${place}, m)`, functions: TOTAL, more: { m } },
  });
  const truth = isSoft ? "0.0" : "labels";
  const call = (fn: string) => `${fn}(${place}, ${truth}, m, s, smoothing)`;
  const ifCounted = (value: string) =>
    isSoft ? value : `select(${value}, 0.0, labels == ignored)`;
  const more = { m, s };
  const loss = {
    value: ifCounted(call("loss")),
    functions: sumOf("loss", given, " * (m + log(s) - at_logits(n, k, y, x))"),
    ...{ what: "", more },
  };
  const gradientOf = (_node: unknown, dy: Tensor) => {
    const share = pixelFormula(given, {
      value: ifCounted(call("whole")),
      functions: sumOf("whole", given, ""),
      ...{ what: "weights of the pixels", more },
    });
    const truthOfClass = isSoft ? "labels" : "select(0.0, 1.0, i32(labels) == pc)";
    const factor = weights ? "weights * " : "";
    const own = `${factor}((1.0 - smoothing) * ${truthOfClass} + smoothing / classes)`;
    const dlogits = caseFormula(given, "logits", {
      value: ifCounted(`dy * (share * exp(logits - m) / s - ${own})`),
      ...{ what: "gradient of the logits", more: { m, s, share, dy } },
    });
    if (!isSoft) return [dlogits];
    const dtarget = caseFormula(given, "logits", {
      value: `dy * (1.0 - smoothing) * ${factor}(m + log(s) - logits)`,
      ...{ what: "gradient of the target", more: { m, s, dy } },
    });
    return [dlogits, dtarget];
  };
  const check: FormulaAttributes["checkValues"] = (_node, valuesOf) => {
    const labels = isSoft ? undefined : valuesOf(target);
    if (labels) checkClasses(name, labels, logits.shape[1], ignoreIndex);
  };
  return caseFormula(given, "pixels", loss, gradientOf, check);
}

/** Throws for the first label that is not a class from 0 to `classes` - 1. */
function checkClasses(
  where: string,
  labels: ArrayLike<number>,
  classes: number,
  ignoreIndex: number | undefined,
): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if ((label < classes && label >>> 0 === label) || label === ignoreIndex) continue;
    throw new Error(
      `${where}: the label of pixel ${i} is ${label}, expected a class from 0 to ${classes - 1}` +
        (ignoreIndex === undefined
          ? ": give unlabelled pixels an ignoreIndex"
          : ` or ${ignoreIndex}`),
    );
  }
}
