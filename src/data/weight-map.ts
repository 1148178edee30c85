// The weight map of the loss (paper, section 3, formula 2):
//   w(x) = w_c(x) + w0 exp(-(d1(x) + d2(x))^2 / (2 sigma^2))
// w_c balances the classes; d1, d2 are the distances to the nearest and to the second nearest cell.

import { type CellRows, cellNumbers } from "./cell-rows.js";
import { classCounts } from "./class-counts.js";
import { connectedComponents } from "./components.js";
import { nearestTwo } from "./distance.js";
import { IGNORED, type LabelMap } from "./image-types.js";
import type { Tile } from "./mirror.js";

/** The separation term: its height w0 (paper: 10) and its width sigma in pixels (paper: 5). */
export interface Separation {
  /** Height of the term between touching cells; 0: none. */
  readonly w0: number;
  /** Its width, in pixels. */
  readonly sigma: number;
}

/** The separation term is left out where it is below this: 1/100 of a rounding of w_c = 1. */
const NEGLIGIBLE = 1e-9;

/**
 * Returns w_c of each class: P / (K P_c), with P labelled pixels in all the labels, P_c of them of
 * class c, and K classes, so that the mean over all labelled pixels is 1 if every class occurs. A
 * class that does not occur gets 0. Throws if there is no label, or if the numbers of classes
 * differ.
 */
export function classBalance(labels: readonly LabelMap[]): number[] {
  return balanceOf(labels.map((label) => ({ classes: label.classes, counts: classCounts(label) })));
}

/** `classBalance` from the numbers of pixels of each class. */
export function balanceOf(
  labels: readonly { readonly classes: number; readonly counts: readonly number[] }[],
): number[] {
  if (labels.length === 0) throw new Error("classBalance: got no label, expected at least one");
  const classes = labels[0].classes;
  const all = new Float64Array(classes);
  for (const label of labels) {
    if (label.classes !== classes) {
      throw new Error(
        `classBalance: got labels of ${classes} and of ${label.classes} classes, ` +
          "expected one number",
      );
    }
    for (let index = 0; index < classes; index++) all[index] += label.counts[index];
  }
  const total = all.reduce((sum, count) => sum + count, 0);
  return Array.from(all, (count) => (count === 0 ? 0 : total / (classes * count)));
}

/**
 * Returns the weight of each pixel, [height][width]: its class's balance, plus the separation term
 * for pixels of class 0; 0 for ignored pixels. Cells are the 4-connected components of class 1;
 * with more than two classes, those of each class other than 0. With fewer than two cells the term
 * is 0.
 */
export function weightMap(
  label: LabelMap,
  balance: readonly number[],
  separation: Separation,
): Float32Array {
  const { width, height, data } = label;
  const whole = { x: 0, y: 0, width, height };
  const weights = classWeights(label, whole, balance);
  if (!hasSeparation(separation)) return weights;
  const cells = connectedComponents(data, width, height);
  if (cells.count < 2) return weights;
  addSeparation(weights, label, whole, { ...cells, area: whole }, separation);
  return weights;
}

/**
 * Returns the part of the weight map in an area inside the label, [area.height][area.width], the
 * same to the bit as this part of the whole, since the term has a limited reach. `cells`: those of
 * the whole label (`cellRows`), undefined if there are fewer than two.
 */
export function weightsWithin(
  label: LabelMap,
  area: Tile,
  cells: CellRows | undefined,
  balance: readonly number[],
  separation: Separation,
): Float32Array {
  const weights = classWeights(label, area, balance);
  if (cells === undefined || !hasSeparation(separation)) return weights;
  const margin = Math.ceil(reachOf(separation));
  const [x, y] = [Math.max(0, area.x - margin), Math.max(0, area.y - margin)];
  const width = Math.min(label.width, area.x + area.width + margin) - x;
  const height = Math.min(label.height, area.y + area.height + margin) - y;
  const outer = { x, y, width, height };
  const labels = cellNumbers(cells, label, outer);
  addSeparation(weights, label, area, { labels, area: outer }, separation);
  return weights;
}

/** Whether the term is used. */
export function hasSeparation({ w0 }: Separation): boolean {
  return w0 > NEGLIGIBLE;
}

/**
 * Returns the second distance, in pixels, beyond which the term is negligible, whatever the first.
 */
function reachOf({ w0, sigma }: Separation): number {
  return sigma * Math.sqrt(2 * Math.log(w0 / NEGLIGIBLE));
}

/** Returns the weight of each class by its index as a 32-bit number; for `IGNORED` 0. */
export function weightsByClass(balance: readonly number[]): Float32Array {
  const weights = new Float32Array(IGNORED + 1);
  weights.set(balance);
  weights[IGNORED] = 0;
  return weights;
}

function classWeights({ width, data }: LabelMap, area: Tile, balance: readonly number[]) {
  const byClass = weightsByClass(balance);
  const weights = new Float32Array(area.width * area.height);
  for (let row = 0, to = 0; row < area.height; row++) {
    const from = (area.y + row) * width + area.x;
    for (let column = 0; column < area.width; column++)
      weights[to++] = byClass[data[from + column]];
  }
  return weights;
}

/** Adds the term in an area; `cells` covers everything within reach, including the area itself. */
function addSeparation(
  weights: Float32Array,
  { width, data }: LabelMap,
  area: Tile,
  cells: { readonly labels: Int32Array; readonly area: Tile },
  separation: Separation,
): void {
  const { w0, sigma } = separation;
  const { x, y, width: across, height: down } = cells.area;
  const inner = { ...area, x: area.x - x, y: area.y - y };
  const { first, second } = nearestTwo(cells, across, down, reachOf(separation), inner);
  for (let row = 0, pixel = 0; row < area.height; row++) {
    const from = (area.y + row) * width + area.x;
    for (let column = 0; column < area.width; column++, pixel++) {
      if (data[from + column] !== 0 || second[pixel] === Number.POSITIVE_INFINITY) continue;
      const sum = Math.sqrt(first[pixel]) + Math.sqrt(second[pixel]);
      weights[pixel] += w0 * Math.exp(-(sum * sum) / (2 * sigma * sigma));
    }
  }
}
