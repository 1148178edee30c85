// What a node of the formula op computes.

import type { Node, Op } from "../../graph/op.js";
import type { Layout, Shape, Tensor } from "../../graph/tensor.js";
import type { Views } from "./broadcast.js";

/** The attributes of a formula. Tensors and numbers are known by their names. */
export interface FormulaAttributes {
  /** The names of the inputs, in order. */
  readonly names: readonly string[];
  readonly views: Views;
  readonly shape: Shape;
  readonly layout: Layout;
  /** Values computed before `value`, by name, each from the earlier ones. */
  readonly lets: readonly (readonly [name: string, value: string])[];
  /** The WGSL of the result, an f32. */
  readonly value: string;
  /** WGSL functions that the formulas call. */
  readonly functions: string;
  /** Numbers by name. They are uniforms, so that nodes with other numbers share a pipeline. */
  readonly numbers: Readonly<Record<string, number>>;
  /** How many rows and columns away `at_NAME` reads; undefined if it is not known. */
  readonly reach: number | undefined;
  /** Returns the gradients of the inputs. */
  readonly gradientOf?:
    | ((node: Node<FormulaAttributes>, dy: Tensor) => readonly (Tensor | undefined)[])
    | undefined;
  /** Checks values of a run, like the op's method. */
  readonly checkValues?: Op<FormulaAttributes>["checkValues"];
}
