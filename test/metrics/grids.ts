// Small pictures for the tests of the figures, drawn as text.

import { connectedComponents } from "../../src/data/components.js";
import { IGNORED, type LabelMap } from "../../src/data/image-types.js";
import { random } from "../../src/data/random.js";

/** A label from rows of "#" (cell), "." (membrane) and "?" (unlabelled). */
export function labelOf(...rows: string[]): LabelMap {
  const data = [...rows.join("")].map((mark) => (mark === "?" ? IGNORED : Number(mark === "#")));
  return { width: rows[0].length, height: rows.length, classes: 2, data: Uint8Array.from(data) };
}

/** The numbers of the objects of such rows. */
export function objectsOf(...rows: string[]): Int32Array {
  const { data, width, height } = labelOf(...rows);
  return connectedComponents(data, width, height).labels;
}

/** The label as a mask of 0 and 1; unlabelled pixels are 0. */
export function maskOf({ data }: LabelMap): Float32Array {
  return Float32Array.from(data, (value) => Number(value === 1));
}

/** A label of cells around seeded points, one pixel of membrane between them. */
export function cellsOf(width: number, height: number, count: number, seed: number): LabelMap {
  const next = random(seed);
  const points = Array.from({ length: count }, () => [next() * width, next() * height]);
  const nearest = (x: number, y: number) => {
    const distances = points.map(([px, py]) => Math.hypot(x - px, y - py));
    return distances.indexOf(Math.min(...distances));
  };
  const data = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const own = nearest(x, y);
      data[y * width + x] = Number(nearest(x + 1, y) === own && nearest(x, y + 1) === own);
    }
  }
  return { width, height, classes: 2, data };
}
