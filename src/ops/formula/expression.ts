// Ops from formulas in WGSL.

import { checkKeys, checkWord, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import type { Node } from "../../graph/op.js";
import {
  expectTensor,
  type Layout,
  type Shape,
  ShapeError,
  sameShape,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { reduceTo } from "../reduce/reduce-to.js";
import {
  broadcastShape,
  padded,
  repeatedAxes,
  VIEW_RANK,
  type Views,
  viewsOf,
} from "./broadcast.js";
import { formula } from "./formula-op.js";
import { PLACE } from "./formula-text.js";
import type { FormulaAttributes } from "./formula-types.js";

/** A formula of an input's gradient, or a function that builds it. */
export type FormulaGradient =
  | string
  | ((dy: Tensor, inputs: Readonly<Record<string, Tensor>>, y: Tensor) => Tensor);

/** What `expression` computes. */
export interface ExpressionOptions {
  /** WGSL of an f32, of the inputs' names. */
  readonly value: string;
  /**
   * By input: WGSL of an f32, of the inputs' names, `dy` (the gradient of the result) and `y` (the
   * result), summed over the axes along which the input is repeated; or a function that returns the
   * gradient. An input that is left out has no gradient.
   */
  readonly gradient?: Readonly<Record<string, FormulaGradient>> | undefined;
  /** WGSL functions that the formulas call. */
  readonly functions?: string | undefined;
  /**
   * Numbers that the formulas use by name. Expressions that differ only in them share a pipeline.
   */
  readonly numbers?: Readonly<Record<string, number>> | undefined;
  /** The shape of the result; by default the inputs' shapes broadcast. */
  readonly shape?: Shape | undefined;
  /** The layout of the result: by default "image" if an input is an image. */
  readonly layout?: Layout | undefined;
  /**
   * How many rows and columns away `at_NAME` reads, if the op is part of a model: predictions by
   * tiles need it.
   */
  readonly reach?: number | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<ExpressionOptions> = {
  value: 1,
  gradient: 1,
  functions: 1,
  numbers: 1,
  shape: 1,
  layout: 1,
  reach: 1,
  name: 1,
};

/**
 * An op from a formula in WGSL, computed element by element. Inputs broadcast like NumPy's: shapes
 * are aligned at the right, and sizes of 1 are repeated, so `[C,1,1]` is a value per channel of
 * images. The result is an image if an input is.
 *
 *     const y = expression({ x, gain }, {
 *       value: "gain * max(x, 0.1 * x)",
 *       gradient: { x: "dy * gain * select(0.1, 1.0, x > 0.0)", gain: "dy * max(x, 0.1 * x)" },
 *     });
 *
 * Formulas can use the place of the element, `pn, pc, py, px` (i32; fewer axes are aligned at the
 * right), and `at_NAME(n, c, y, x)`, the element of an input at another place, 0 outside of it.
 * Pixels past the width of an image are always 0. Throws a `ShapeError` if shapes do not fit; an
 * error in the WGSL is thrown by `compilePlan`, with the formula.
 */
export function expression(
  inputs: Readonly<Record<string, Tensor>>,
  options: ExpressionOptions,
): Tensor {
  checkKeys("expression", options, OPTIONS);
  const { value, functions = "", numbers = {}, gradient, name = value } = options;
  const op = name === value ? "expression" : name;
  checkTexts(op, inputs, options);
  const names = Object.keys(inputs);
  const tensors = Object.values(inputs);
  const { shape, layout } = resultOf(op, inputs, options);
  const attributes: FormulaAttributes = {
    ...{ names, value, functions, numbers, shape, layout, lets: [] },
    views: viewsFor(op, tensors, shape),
    reach: options.reach ?? (/\bat_/.test(value + functions) ? undefined : 0),
    gradientOf: gradient && ((node, dy) => gradientsOf(node, dy, gradient)),
  };
  return formula(tensors, attributes, name);
}

/** The shape and layout of the result. */
function resultOf(
  op: string,
  inputs: Readonly<Record<string, Tensor>>,
  { shape, layout }: ExpressionOptions,
): { shape: Shape; layout: Layout } {
  const tensors = Object.values(inputs);
  if (tensors.length === 0 && !shape) {
    throw new ShapeError(`${op}: without inputs it needs a \`shape\``);
  }
  const wanted = shape && { "the shape": { shape } };
  const full = broadcastShape(op, { ...inputs, ...wanted });
  if (shape && text(full) !== text(shape)) {
    throw new ShapeError(`${op}: the inputs do not broadcast to the shape ${text(shape)}`);
  }
  const isImage = tensors.some((tensor) => tensor.layout === "image");
  const result = layout ?? (isImage ? "image" : "dense");
  if (full.length > VIEW_RANK && (isImage || result === "image")) {
    throw new ShapeError(
      `${op}: images have 4 axes, but the inputs broadcast to ${text(full)}: expected at most 4 axes`,
    );
  }
  return { shape: result === "image" ? padded(full) : full, layout: result };
}

function viewsFor(op: string, tensors: readonly Tensor[], full: Shape): Views {
  return viewsOf(
    op,
    tensors.map(({ shape }) => shape),
    full,
  );
}

function checkTexts(
  op: string,
  inputs: Readonly<Record<string, Tensor>>,
  options: ExpressionOptions,
): void {
  const { value, functions = "", numbers = {}, gradient = {}, layout, reach, shape } = options;
  if (typeof value !== "string" || value.trim() === "" || typeof functions !== "string") {
    throw new Error(`${op}: value and functions must be WGSL, got ${kindOf(value)}`);
  }
  if (layout !== undefined) checkWord(`${op}: the layout`, layout, ["image", "dense"]);
  if (reach !== undefined && !(Number.isInteger(reach) && reach >= 0)) {
    throw new Error(`${op}: reach must be a whole number of rows from 0, got ${kindOf(reach)}`);
  }
  for (const name of [...Object.keys(inputs), ...Object.keys(numbers)]) {
    const isPlace = (PLACE as readonly string[]).includes(name);
    if (/^[a-zA-Z]\w*$/.test(name) && !name.startsWith("at_") && !isPlace) continue;
    throw new Error(
      `${op}: ${name} cannot be a name in a formula: expected a letter, then letters and digits, and ` +
        `none of ${PLACE.join(", ")} or at_...`,
    );
  }
  if ("dy" in inputs && Object.values(gradient).some((one) => typeof one === "string")) {
    throw new Error(
      `${op}: dy is the gradient of the result in formulas of gradients: give the input dy another name`,
    );
  }
  for (const [name, tensor] of Object.entries(inputs)) expectTensor(op, name, tensor);
  for (const [name, number] of Object.entries(numbers)) {
    if (typeof number === "number" && Number.isFinite(Math.fround(number)) && !(name in inputs)) {
      continue;
    }
    throw new Error(
      `${op}: ${name} must be a finite 32-bit number with a name of its own, got ${kindOf(number)}`,
    );
  }
  for (const name of Object.keys(gradient)) {
    if (name in inputs) continue;
    throw new Error(
      `${op}: the gradient of ${name} has no input: the inputs are ${Object.keys(inputs).join(", ")}`,
    );
  }
  if (shape !== undefined && !Array.isArray(shape)) {
    throw new ShapeError(`${op}: shape must be a list of sizes, got ${kindOf(shape)}`);
  }
}

/** Builds the gradients of the inputs. */
function gradientsOf(
  node: Node<FormulaAttributes>,
  dy: Tensor,
  gradient: Readonly<Record<string, FormulaGradient>>,
): (Tensor | undefined)[] {
  const { names, views, functions, numbers, reach } = node.attributes;
  const { full } = views;
  const [y] = node.outputs;
  const inputs = Object.fromEntries(names.map((name, i) => [name, node.inputs[i]]));
  const others = { ...(!("y" in inputs) && { y }), dy };
  const all = { ...inputs, ...others };
  const views4 = { inputs: [...views.inputs, ...Object.keys(others).map(() => full)], full };
  const rest = { names: Object.keys(all), views: views4, functions, numbers, reach, lets: [] };
  return names.map((name, i) => {
    const x = node.inputs[i];
    const axes = repeatedAxes(views.inputs[i], full);
    const label = `${node.name} gradient of ${name}`;
    const given = gradient[name];
    if (given === undefined) return undefined;
    const { shape, layout } = axes.length === 0 ? x : wholeOf(x, y, full);
    let [value, tensors] = [given, all];
    if (typeof value === "function") {
      const result = value(dy, inputs, y);
      expectTensor(label, "the result of the function", result);
      if (sameShape(result, x)) return result;
      if (!sameShape(result, y)) {
        throw new ShapeError(
          `${label}: the function returns ${result.layout} ${text(result.shape)}, expected ` +
            `${x.layout} ${text(x.shape)}`,
        );
      }
      if (axes.length > 0 && result.layout === layout) return summed(result, x, full, axes, label);
      [value, tensors] = ["dy", { ...all, dy: result }]; // in the other layout
    }
    const whole = formula(Object.values(tensors), { ...rest, value, shape, layout }, label);
    return axes.length === 0 ? whole : summed(whole, x, full, axes, label);
  });
}

/** The shape and layout of the gradient of an input before it is summed over axes. */
function wholeOf(x: Tensor, { shape, layout }: Tensor, full: Shape) {
  return x.layout === layout || layout === "image"
    ? { shape, layout }
    : { shape: full, layout: "image" as const };
}

function summed(whole: Tensor, x: Tensor, view: Shape, axes: readonly number[], label: string) {
  const { shape, layout } = x;
  const spec = { kind: "sum", factor: 1, view, axes, shape, layout } as const;
  return reduceTo(whole, spec, `${label}, summed`);
}
