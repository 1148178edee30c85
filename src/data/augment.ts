// The eight symmetries of the square: augmentation of training tiles, and test-time mean.

import type { Planes } from "./types.js";

/** Number of symmetries of the square. */
export const SYMMETRY_COUNT = 8;

/**
 * The planes under one of the eight symmetries: 0 is the identity, 1, 2, 3 are counterclockwise
 * quarter turns of 90, 180 and 270 degrees, 4 to 7 are the same of the left-right flipped planes
 * (NumPy: `rot90(x, s)`, `rot90(fliplr(x), s - 4)`). An odd symmetry swaps width and height.
 * Written to `target` from `offset` on, a new array where none is given.
 */
export function applySymmetry(
  source: Planes,
  symmetry: number,
  target: Float32Array = new Float32Array(source.data.length),
  offset = 0,
): { width: number; height: number; channels: number; data: Float32Array } {
  const { width, height, channels = 1, data } = source;
  const { origin, down, right } = strides(symmetry, width, height);
  const turned = symmetry % 2 === 1;
  const rows = turned ? width : height;
  const columns = turned ? height : width;
  let to = offset;
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * width * height + origin;
    for (let y = 0; y < rows; y++) {
      let from = start + y * down;
      for (let x = 0; x < columns; x++, from += right) target[to++] = data[from];
    }
  }
  return { width: columns, height: rows, channels, data: target };
}

/** The symmetry that undoes another: a reflection undoes itself. */
export function inverseSymmetry(symmetry: number): number {
  return symmetry < 4 ? (4 - symmetry) % 4 : symmetry;
}

/** Where in the source the result's first pixel lies, and the steps to the next row and column. */
function strides(
  symmetry: number,
  width: number,
  height: number,
): { origin: number; down: number; right: number } {
  const topRight = width - 1;
  const bottomLeft = (height - 1) * width;
  const bottomRight = height * width - 1;
  switch (symmetry) {
    case 0:
      return { origin: 0, down: width, right: 1 };
    case 1:
      return { origin: topRight, down: -1, right: width };
    case 2:
      return { origin: bottomRight, down: -width, right: -1 };
    case 3:
      return { origin: bottomLeft, down: 1, right: -width };
    case 4:
      return { origin: topRight, down: width, right: -1 };
    case 5:
      return { origin: 0, down: 1, right: width };
    case 6:
      return { origin: bottomLeft, down: -width, right: 1 };
    case 7:
      return { origin: bottomRight, down: -1, right: -width };
    default:
      throw new RangeError(`applySymmetry: got symmetry ${symmetry}, expected 0 to 7`);
  }
}
