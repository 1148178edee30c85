// Connected components: the cells of a label.

import { IGNORED } from "./image-types.js";

/** The connected components of a mask. */
export interface Components {
  /** [height][width]: 0 outside every component, else its number, from 1. */
  readonly labels: Int32Array;
  /** Number of components. */
  readonly count: number;
}

/**
 * Finds the 4-connected components of equal values other than 0 and `IGNORED`; in a two-class label
 * those of class 1. Numbers of 32 bits are those of objects, and none is ignored. Components are
 * numbered in the order of their first pixels, row by row.
 */
export function connectedComponents(
  data: Uint8Array | Int32Array,
  width: number,
  height: number,
): Components {
  const ignored = data instanceof Uint8Array ? IGNORED : undefined;
  const labels = new Int32Array(width * height);
  // A pixel is pushed only once, when it gets its number, so the stack never exceeds the image.
  const stack = new Int32Array(width * height);
  let count = 0;
  for (let start = 0; start < labels.length; start++) {
    const value = data[start];
    if (value === 0 || value === ignored || labels[start] !== 0) continue;
    count++;
    let depth = 0;
    labels[start] = count;
    stack[depth++] = start;
    while (depth > 0) {
      const pixel = stack[--depth];
      const x = pixel % width;
      if (x > 0) depth = visit(pixel - 1, depth);
      if (x < width - 1) depth = visit(pixel + 1, depth);
      if (pixel >= width) depth = visit(pixel - width, depth);
      if (pixel + width < labels.length) depth = visit(pixel + width, depth);
    }
    function visit(pixel: number, depth: number): number {
      if (data[pixel] !== value || labels[pixel] !== 0) return depth;
      labels[pixel] = count;
      stack[depth] = pixel;
      return depth + 1;
    }
  }
  return { labels, count };
}
