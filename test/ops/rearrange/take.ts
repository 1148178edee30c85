// References of ops that copy elements: from where is given per element of the output.

import { placeIn } from "../../../src/arguments/numbers.js";
import { elementCount, type Layout, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import type { OpCase } from "../../check-op.js";

/** The row-major position of a place. */
export const positionOf = (shape: Shape, place: readonly number[]) =>
  shape.reduce((position, size, axis) => position * size + place[axis], 0);

/** The array of this shape with `x` at the place `from` gives for each place; `fill` where there is none. */
export function take(
  x: ArrayLike<number>,
  shape: Shape,
  out: Shape,
  from: (place: readonly number[]) => readonly number[] | undefined,
  fill = 0,
): number[] {
  return Array.from({ length: elementCount(out) }, (_, position) => {
    const place = from(placeIn(out, position));
    return place === undefined ? fill : x[positionOf(shape, place)];
  });
}

/** A case of an op that copies elements: exact forward, and the gradient by central differences. */
export function takeCase(
  name: string,
  shape: Shape,
  layout: Layout,
  build: (x: Tensor) => Tensor,
  out: Shape,
  from: (place: readonly number[]) => readonly number[] | undefined,
  fill = 0,
): OpCase {
  return {
    name: `${name} ${shape} ${layout}`,
    inputs: { x: { shape, layout } },
    build: ({ x }) => build(x),
    reference: ({ x }) => take(x, shape, out, from, fill),
    tolerance: 0,
  };
}
