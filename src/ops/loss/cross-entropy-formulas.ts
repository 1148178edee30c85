// The formulas of a cross-entropy: losses of pixels, with their gradients.

import type { Shape, Tensor } from "../../graph/tensor.js";
import { formula } from "../formula/formula-op.js";
import type { FormulaAttributes } from "../formula/formula-types.js";

/** A loss being built: its sizes, and what its formulas need. */
export interface Case {
  readonly name: string;
  readonly logits: Tensor;
  readonly target: Tensor;
  readonly weights: Tensor | undefined;
  readonly isSoft: boolean;
  readonly ignoreIndex: number | undefined;
  /** Views [N,K,...] of the logits, [N,1,...] of a value per pixel, [1,K,1,1] of the weights. */
  readonly views: Readonly<Record<"logits" | "pixels" | "weights", Shape>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** A formula of the inputs of a case, over the pixels or over the logits. */
export function caseFormula(
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
export function lossesOf(given: Case): Tensor {
  const { isSoft, weights } = given;
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
  return caseFormula(given, "pixels", loss, gradientOf, checkOf(given));
}

/** Checks the labels of a run, if they are an input. */
export function checkOf({ name, logits, target, isSoft, ignoreIndex }: Case) {
  const check: FormulaAttributes["checkValues"] = (_node, valuesOf) => {
    const labels = isSoft ? undefined : valuesOf(target);
    if (labels) checkClasses(name, labels, logits.shape[1], ignoreIndex);
  };
  return check;
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

/** The weights of the pixels by their classes, 0 for those that are ignored. */
export function pixelWeights(given: Case): Tensor {
  const weight = given.weights ? "at_weights(0, i32(labels), 0, 0)" : "1.0";
  const value = `select(${weight}, 0.0, labels == ignored)`;
  return caseFormula(given, "pixels", { what: "weights", value }, undefined, checkOf(given));
}
