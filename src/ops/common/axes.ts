// Axes given by callers, which may count from the end.

import { kindOf } from "../../arguments/numbers.js";
import { ShapeError, type Tensor, text } from "../../graph/tensor.js";

/** Returns an axis of a tensor, from 0. -1 is the last one. */
export function axisOf(op: string, { shape, name }: Tensor, axis: number): number {
  const rank = shape.length;
  const found = axis < 0 ? axis + rank : axis;
  if (Number.isInteger(axis) && found >= 0 && found < rank) return found;
  throw new ShapeError(
    `${op}: ${name} ${text(shape)} has the axes ${-rank} to ${rank - 1}, got ${typeof axis === "number" ? axis : kindOf(axis)}`,
  );
}

/** Returns axes from 0. Throws if one is given twice. */
export function axesOf(op: string, x: Tensor, axes: readonly number[]): readonly number[] {
  if (!Array.isArray(axes)) {
    throw new ShapeError(`${op}: axes must be a list of whole numbers, got ${kindOf(axes)}`);
  }
  const found = axes.map((axis) => axisOf(op, x, axis));
  const twice = axes.find((_, i) => found.indexOf(found[i]) !== i);
  if (twice === undefined) return found;
  throw new ShapeError(`${op}: the axis ${twice} is given twice`);
}
