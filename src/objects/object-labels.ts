// Images of numbered objects: separation returns them, figures and measurements read them.

import type { Components } from "../data/components.js";

/** The number of the object of each pixel. */
export interface ObjectLabels {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** [height][width]: the number of the object, 1 to `count`; 0 outside all objects. */
  readonly data: Int32Array;
  /** Number of objects; each number from 1 to `count` occurs. */
  readonly count: number;
}

/** Components, or renumbered cells, as an image of objects. The array is not copied. */
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
