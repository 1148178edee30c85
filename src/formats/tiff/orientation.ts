// The tag Orientation (TIFF 6.0, section 8): on which sides the first row and column are.

import type { Samples } from "../../data/image-types.js";

/**
 * Returns planes of width x height as they are displayed: from 5 on, width and height are swapped.
 */
export function oriented(
  planes: Samples,
  width: number,
  height: number,
  orientation: number,
): Samples {
  if (orientation === 1) return planes;
  const turned = new (planes.constructor as new (length: number) => Samples)(planes.length);
  const count = width * height;
  const isMirrored = [2, 3, 6, 7].includes(orientation);
  const isFlipped = [3, 4, 7, 8].includes(orientation);
  for (let start = 0; start < planes.length; start += count) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        // Up to 4 rows stay rows; from 5 on they become columns.
        const to = orientation <= 4 ? place(x, y, width, height) : place(y, x, height, width);
        turned[start + to] = planes[start + y * width + x];
      }
    }
  }
  return turned;

  function place(x: number, y: number, w: number, h: number): number {
    return (isFlipped ? h - 1 - y : y) * w + (isMirrored ? w - 1 - x : x);
  }
}
