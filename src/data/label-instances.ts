// Labels with one number per cell: separates touching cells of class 1, for weight map and figures.

import type { Samples } from "./image-types.js";

/** Numbers of cells, [height][width]; 0 means no cell. */
type Numbers = Samples | Float64Array;

/**
 * Returns class 1 for the cells, 0 elsewhere: a pixel with a 4-neighbour in another cell of a
 * smaller number becomes 0, so that no two cells touch. `lost`: the numbers of cells of which
 * nothing remains.
 */
export function separateCells(
  numbers: Numbers,
  width: number,
  height: number,
): { data: Uint8Array; lost: readonly number[] } {
  const data = new Uint8Array(width * height);
  const all = new Set<number>();
  const kept = new Set<number>();
  // Neighbours mostly belong to the same cell: the sets are only queried when the number changes.
  let [last, lastKept] = [0, 0];
  for (let pixel = 0; pixel < data.length; pixel++) {
    const own = numbers[pixel];
    if (own === 0) continue;
    if (own !== last) {
      last = own;
      all.add(own);
    }
    if (touchesSmaller(numbers, pixel, width)) continue;
    data[pixel] = 1;
    if (own === lastKept) continue;
    lastKept = own;
    kept.add(own);
  }
  return { data, lost: [...all].filter((number) => !kept.has(number)).sort((a, b) => a - b) };
}

function touchesSmaller(numbers: Numbers, pixel: number, width: number): boolean {
  const own = numbers[pixel];
  const x = pixel % width;
  // Past an edge the value is undefined or unrelated; neither is a smaller cell.
  return (
    isSmaller(numbers[pixel - width], own) ||
    isSmaller(numbers[pixel + width], own) ||
    (x > 0 && isSmaller(numbers[pixel - 1], own)) ||
    (x < width - 1 && isSmaller(numbers[pixel + 1], own))
  );
}

function isSmaller(other: number | undefined, own: number): boolean {
  return other !== undefined && other > 0 && other < own;
}

/**
 * Class 1 for the inside of cells, 2 for their borders, 0 elsewhere: a pixel of a cell is border where one of the
 * eight around it is in no cell or in another one. The image's edge is not a border.
 */
export function withBorders(numbers: Numbers, width: number, height: number): Uint8Array {
  const data = new Uint8Array(width * height);
  for (let pixel = 0; pixel < data.length; pixel++) {
    const own = numbers[pixel];
    if (own === 0) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const [left, right] = [x > 0 ? -1 : 0, x < width - 1 ? 1 : 0];
    data[pixel] = 1;
    for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++) {
      for (let dx = left; dx <= right; dx++) {
        if (numbers[pixel + dy * width + dx] !== own) data[pixel] = 2;
      }
    }
  }
  return data;
}

/** Numbers the same cells from 1 in the order of their first pixels, [height][width]. */
export function renumbered(numbers: Numbers): { labels: Int32Array; count: number } {
  const labels = new Int32Array(numbers.length);
  const known = new Map<number, number>();
  let [last, lastLabel] = [0, 0];
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const own = numbers[pixel];
    if (own === 0) continue;
    if (own !== last) {
      last = own;
      lastLabel = known.get(own) ?? known.size + 1;
      known.set(own, lastLabel);
    }
    labels[pixel] = lastLabel;
  }
  return { labels, count: known.size };
}
