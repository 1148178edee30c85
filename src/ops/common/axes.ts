// Axes given by callers, which may count from the end.

import { kindOf } from "../../arguments/numbers.js";
import { ShapeError, type Tensor, text } from "../../graph/tensor.js";

/** Returns an axis of a tensor, from 0. -1 is the last one. */
export function axisOf(op: string, x: Tensor, axis: number): number {
  const rank = x.shape.length;
  const found = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && found >= 0 && found < rank) return found;
  throw new ShapeError(
    `${op}: an axis of ${text(x.shape)} must be a whole number from ${-rank} to ${rank - 1}, ` +
      `got ${kindOf(axis)}`,
  );
}

/** Returns axes from 0. Throws if one is given twice. */
export function axesOf(op: string, x: Tensor, axes: readonly number[]): readonly number[] {
  if (!Array.isArray(axes)) {
    throw new ShapeError(`${op}: axes must be a list of whole numbers, got ${kindOf(axes)}`);
  }
  const found = axes.map((axis) => axisOf(op, x, axis));
  const double = found.find((axis, i) => found.indexOf(axis) !== i);
  if (double === undefined) return found;
  throw new ShapeError(`${op}: axes must be different ones, got ${double} twice in [${axes}]`);
}
