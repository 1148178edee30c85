// Measurements at the rims of objects: perimeter, neighbours, and whether they touch the border.

import type { Tile } from "../data/mirror.js";
import type { ObjectLabels } from "./object-labels.js";

export interface Rims {
  /**
   * `[3][count]`: sixths of steps of rim pixels along a row, along a column, and diagonally, which are whole numbers:
   * their sums do not depend on the order; see `perimeterOf`.
   */
  readonly steps: readonly [Float64Array, Float64Array, Float64Array];
  /** `[count]`: other objects that share an edge or a corner of a pixel with it. */
  readonly neighbours: Int32Array;
  /** For each two such neighbours index * count + other index, both ways. */
  readonly pairs: ReadonlySet<number>;
  /** `[count]`: 1 if a pixel is in the image's first or last row or column. */
  readonly touchesBorder: Uint8Array;
}

/**
 * Measures the rims of all objects. The perimeter is that of Benkrid and Crookes (2000), as in
 * scikit-image with a neighbourhood of 4: a pixel is at the rim if one above, below, left or
 * right of it is not in its object; pixels outside the image are not. A rim pixel counts 1 if two
 * rim pixels are next to it in its row or column, sqrt 2 if two are diagonal neighbours,
 * (1 + sqrt 2) / 2 for one of each, and 0 for the end of a line or a single pixel. `core`: only pixels of this area
 * are measured; the labels reach two pixels past it, except at the edges of the image.
 */
export function measureRims(labels: ObjectLabels, core?: Tile): Rims {
  const { width, height, data, count } = labels;
  const { x: left, y: top, ...size } = core ?? { x: 0, y: 0, width, height };
  const rim = rimPixels(labels);
  const steps = [0, 1, 2].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const touchesBorder = new Uint8Array(count);
  const pairs = createPairs(count);
  for (let y = top; y < top + size.height; y++) {
    for (let x = left; x < left + size.width; x++) {
      const pixel = y * width + x;
      if (rim[pixel] === 0) continue;
      const index = data[pixel] - 1;
      const isEdge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (isEdge) touchesBorder[index] = 1;
      let [along, down, across] = [0, 0, 0];
      for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++) {
        for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++) {
          const other = pixel + dy * width + dx;
          const number = data[other];
          if (number === index + 1) {
            if (rim[other] === 0 || other === pixel) continue;
            if (dy === 0) along++;
            else if (dx === 0) down++;
            else across++;
          } else if (number > 0) pairs.add(index, number - 1);
        }
      }
      addSteps(steps, index, along, down, across);
    }
  }
  return { steps, neighbours: pairs.counts, pairs: pairs.known, touchesBorder };
}

/** Adds the contribution of a rim pixel with these numbers of rim pixels around it. */
function addSteps(
  [rows, columns, diagonals]: Rims["steps"],
  index: number,
  along: number,
  down: number,
  across: number,
): void {
  const straight = along + down;
  // The straight share of its contribution, by its neighbours in row and column.
  let share = 0;
  if (straight >= 2 && straight <= 3 && across <= 2) share = 1;
  else if (straight === 1 && (across === 1 || across === 2)) share = 0.5;
  else if (!((straight === 0 && across === 2) || (straight === 1 && across === 3))) return;
  if (share > 0) {
    rows[index] += (6 * share * along) / straight;
    columns[index] += (6 * share * down) / straight;
  }
  diagonals[index] += 6 * (1 - share);
}

/**
 * The perimeter of an object by the steps at its rim: a step along a row is as long as a pixel is wide,
 * one along a column as long as it is high. scikit-image supports only square pixels.
 */
export function perimeterOf(
  [rows, columns, diagonals]: Rims["steps"],
  index: number,
  pixelWidth: number,
  pixelHeight: number,
): number {
  const diagonal = Math.hypot(pixelWidth, pixelHeight);
  const [along, down, across] = [rows[index] / 6, columns[index] / 6, diagonals[index] / 6];
  return along * pixelWidth + down * pixelHeight + across * diagonal;
}

/** 1 at pixels with a 4-neighbour that is not in the same object, [height][width]. */
function rimPixels({ width, height, data }: ObjectLabels): Uint8Array {
  const rim = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const number = data[pixel];
      if (number === 0) continue;
      const isInside =
        x > 0 &&
        x < width - 1 &&
        y > 0 &&
        y < height - 1 &&
        data[pixel - 1] === number &&
        data[pixel + 1] === number &&
        data[pixel - width] === number &&
        data[pixel + width] === number;
      if (!isInside) rim[pixel] = 1;
    }
  }
  return rim;
}

/** Pairs of neighbours, each counted once. */
function createPairs(count: number) {
  const known = new Set<number>();
  const counts = new Int32Array(count);
  // Along a shared rim the same pair is added again and again.
  let last = -1;
  return {
    add(index: number, other: number): void {
      const key = index * count + other;
      if (key === last) return;
      last = key;
      if (known.has(key)) return;
      known.add(key);
      counts[index]++;
    },
    known,
    counts,
  };
}
