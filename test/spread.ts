// Broadcasting, for references.

import { elementCount, type Shape } from "../src/graph/tensor.js";

/** The values of an array at each place of the shape that it broadcasts to. */
export function spread(values: ArrayLike<number>, shape: Shape, full: Shape): Float64Array {
  const padded = [...new Array(full.length - shape.length).fill(1), ...shape];
  return Float64Array.from({ length: elementCount(full) }, (_, i) => {
    return values[placeOf(i, padded, full)];
  });
}

/** The index in an array of `shape`, whose sizes are those of `full` or 1, for element i of `full`. */
export function placeOf(i: number, shape: Shape, full: Shape): number {
  let [rest, index, stride] = [i, 0, 1];
  for (let axis = full.length - 1; axis >= 0; axis--) {
    if (shape[axis] > 1) index += (rest % full[axis]) * stride;
    stride *= shape[axis];
    rest = Math.floor(rest / full[axis]);
  }
  return index;
}
