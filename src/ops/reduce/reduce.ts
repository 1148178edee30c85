// sum, mean, max and min over axes.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { kindOf } from "../../arguments/numbers.js";
import { expectTensor, type Shape, ShapeError, type Tensor } from "../../graph/tensor.js";
import { axesOf } from "../common/axes.js";
import type { Reduction } from "./reduce-op.js";
import { reduceTo } from "./reduce-to.js";

/** Which axes a reduction removes. */
export interface ReduceOptions {
  /** An axis or several, from 0, or negative from the last. By default all. */
  readonly axes?: number | readonly number[] | undefined;
  /**
   * True keeps the reduced axes with size 1, and the layout. By default they are removed: the
   * result is dense, and [1] if there is no other axis.
   */
  readonly keepDims?: boolean | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<ReduceOptions> = { axes: 1, keepDims: 1, name: 1 };

/** Returns the sum over axes. The result repeats to the bit. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("sum", x, "sum", options);
}

/** Returns the mean over axes. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("mean", x, "sum", options);
}

/** Returns the largest element over axes. Equal ones share the gradient evenly. */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("max", x, "max", options);
}

/** Returns the smallest element over axes. Equal ones share the gradient evenly. */
export function min(x: Tensor, options: ReduceOptions = {}): Tensor {
  return reduce("min", x, "min", options);
}

function reduce(op: string, x: Tensor, kind: Reduction, options: ReduceOptions): Tensor {
  expectTensor(op, "the input", x);
  checkKeys(op, options, OPTIONS);
  const { keepDims = false, name = op } = options;
  const view = x.shape;
  const axes = reducedAxes(op, x, options.axes);
  const kept = view.map((size, i) => (axes.includes(i) ? 1 : size));
  const removed = view.filter((_, i) => !axes.includes(i));
  const shape = keepDims ? kept : removed.length > 0 ? removed : [1];
  const layout = keepDims ? x.layout : "dense";
  const factor = op === "mean" ? 1 / countOf(view, axes) : 1;
  return reduceTo(x, { kind, factor, view, axes, shape, layout }, name);
}

/** Returns the number of elements that become one. */
export const countOf = (view: Shape, axes: readonly number[]) =>
  axes.reduce((product, axis) => product * view[axis], 1);

/** Returns axes in ascending order, from 0; by default all. Throws for those that x does not have. */
export function reducedAxes(
  op: string,
  x: Tensor,
  axes: number | readonly number[] = x.shape.map((_, i) => i),
): number[] {
  const given = typeof axes === "number" ? [axes] : axes;
  if (!Array.isArray(given) || given.length === 0) {
    throw new ShapeError(`${op}: axes must be an axis or a list of axes, got ${kindOf(axes)}`);
  }
  return [...axesOf(op, x, given)].sort((a, b) => a - b);
}
