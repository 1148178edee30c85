// Images of objects by number: what separation makes, figures compare and measurements read.

import type { Components } from "../data/components.js";

/** A number for each pixel: which object it belongs to. */
export interface ObjectLabels {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** [height][width]: 0 outside of every object, else its number, 1 to `count`. */
  readonly data: Int32Array;
  /** Number of objects: each number from 1 to it occurs. */
  readonly count: number;
}

/** Components, or cells renumbered, as an image of objects: the numbers are not copied. */
export function objectLabels(
  { labels, count }: Components,
  width: number,
  height: number,
): ObjectLabels {
  if (labels.length !== width * height) {
    throw new RangeError(
      `objectLabels: got ${labels.length} numbers, expected ${width * height} for ` +
        `${width} x ${height} pixels`,
    );
  }
  return { width, height, data: labels, count };
}
