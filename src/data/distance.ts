// Exact Euclidean distances to the nearest and to the second nearest of many objects.

import type { Components } from "./components.js";
import type { Tile } from "./mirror.js";

/**
 * Squared distances in pixels, [height][width] of the requested area; Infinity if there is none
 * within reach.
 */
export interface NearestTwo {
  /** To the nearest pixel of the nearest object; 0 within an object. */
  readonly first: Float64Array;
  /** To the nearest pixel of the nearest other object. */
  readonly second: Float64Array;
}

/** The two nearest objects of each pixel of a row, within its own column. */
interface ColumnPair {
  /** Object numbers, 0 for none. */
  readonly label1: Int32Array;
  readonly label2: Int32Array;
  /** Distances in rows. */
  readonly gap1: Int32Array;
  readonly gap2: Int32Array;
}

/**
 * Returns for each pixel the squared distances to the two nearest different objects. Distances
 * above `reach` pixels are Infinity; the others are exact. `area`: the requested pixels, by default
 * all.
 *
 * Pass 1 finds in each column the nearest pixels of two different objects, above and below. These
 * suffice: the decisive pixel of the second nearest object is, in its own column, nearer than those
 * of all but at most one object. Pass 2 searches outwards from each pixel, column by column, and
 * stops at the column that is farther away than the second distance found, or than the reach.
 * Memory: three 32-bit numbers and two 64-bit results per pixel, whatever the number of objects.
 */
export function nearestTwo(
  objects: Pick<Components, "labels">,
  width: number,
  height: number,
  reach = Number.POSITIVE_INFINITY,
  area: Tile = { x: 0, y: 0, width, height },
): NearestTwo {
  const above = rowsAbove(objects.labels, width, height);
  const first = new Float64Array(area.width * area.height);
  const second = new Float64Array(area.width * area.height);
  const below = columnState(width);
  const pair = columnPair(width);
  const [left, right] = [area.x, area.x + area.width];
  for (let y = height - 1; y >= area.y; y--) {
    advance(below, objects.labels, y, width);
    if (y >= area.y + area.height) continue;
    mergeColumns(pair, above, below, objects.labels, y, width);
    const offset = (y - area.y) * area.width;
    searchRow(pair, width, reach, { left, right, first, second, offset });
  }
  return { first, second };
}

/** Rows of the last pixels of two different objects, in each column during a sweep; -1 for none. */
interface ColumnState {
  readonly row1: Int32Array;
  readonly row2: Int32Array;
}

function columnState(size: number): ColumnState {
  return { row1: new Int32Array(size).fill(-1), row2: new Int32Array(size).fill(-1) };
}

function columnPair(width: number): ColumnPair {
  const row = () => new Int32Array(width);
  return { label1: row(), label2: row(), gap1: row(), gap2: row() };
}

/** Adds row y to the state of a sweep. */
function advance(state: ColumnState, labels: Int32Array, y: number, width: number): void {
  const { row1, row2 } = state;
  for (let x = 0; x < width; x++) {
    const label = labels[y * width + x];
    if (label === 0) continue;
    if (row1[x] >= 0 && labels[row1[x] * width + x] !== label) row2[x] = row1[x];
    row1[x] = y;
  }
}

/** Returns the state of the sweep from the top, for all rows. */
function rowsAbove(labels: Int32Array, width: number, height: number): ColumnState {
  const all = columnState(width * height);
  const state = columnState(width);
  for (let y = 0; y < height; y++) {
    advance(state, labels, y, width);
    all.row1.set(state.row1, y * width);
    all.row2.set(state.row2, y * width);
  }
  return all;
}

function mergeColumns(
  pair: ColumnPair,
  above: ColumnState,
  below: ColumnState,
  labels: Int32Array,
  y: number,
  width: number,
): void {
  const { label1, label2, gap1, gap2 } = pair;
  for (let x = 0; x < width; x++) {
    label1[x] = 0;
    label2[x] = 0;
    const pixel = y * width + x;
    take(x, above.row1[pixel]);
    take(x, below.row1[x]);
    take(x, above.row2[pixel]);
    take(x, below.row2[x]);
  }
  function take(x: number, row: number): void {
    if (row < 0) return;
    const label = labels[row * width + x];
    const gap = Math.abs(row - y);
    if (label1[x] === 0 || label === label1[x]) {
      gap1[x] = label1[x] === 0 ? gap : Math.min(gap, gap1[x]);
      label1[x] = label;
    } else if (gap < gap1[x]) {
      label2[x] = label1[x];
      gap2[x] = gap1[x];
      label1[x] = label;
      gap1[x] = gap;
    } else if (label2[x] === 0 || gap < gap2[x]) {
      label2[x] = label;
      gap2[x] = gap;
    }
  }
}

/** The columns to search, and where they begin in the results. */
interface RowSearch extends NearestTwo {
  readonly left: number;
  readonly right: number;
  readonly offset: number;
}

function searchRow(
  pair: ColumnPair,
  width: number,
  reach: number,
  { left, right, first, second, offset }: RowSearch,
): void {
  const { label1, label2, gap1, gap2 } = pair;
  const limit = reach * reach;
  let best1 = 0;
  let best2 = 0;
  let nearest = 0;
  for (let x = left; x < right; x++) {
    best1 = Number.POSITIVE_INFINITY;
    best2 = Number.POSITIVE_INFINITY;
    nearest = 0;
    look(x, 0);
    const last = Math.max(x, width - 1 - x);
    for (let step = 1; step <= last && step * step < best2 && step <= reach; step++) {
      if (step <= x) look(x - step, step * step);
      if (x + step < width) look(x + step, step * step);
    }
    first[offset + x - left] = best1 <= limit ? best1 : Number.POSITIVE_INFINITY;
    second[offset + x - left] = best2 <= limit ? best2 : Number.POSITIVE_INFINITY;
  }
  function look(column: number, square: number): void {
    if (label1[column] === 0) return;
    keep(label1[column], square + gap1[column] * gap1[column]);
    if (label2[column] !== 0) keep(label2[column], square + gap2[column] * gap2[column]);
  }
  function keep(label: number, distance: number): void {
    if (label === nearest) {
      if (distance < best1) best1 = distance;
    } else if (distance < best1) {
      best2 = best1;
      best1 = distance;
      nearest = label;
    } else if (distance < best2) {
      best2 = distance;
    }
  }
}
