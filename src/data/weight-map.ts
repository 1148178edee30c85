// The weight map of the loss (paper, section 3, formula 2):
//   w(x) = w_c(x) + w0 exp(-(d1(x) + d2(x))^2 / (2 sigma^2))
// w_c balances the classes; d1, d2 are the distances to the nearest and to the second nearest cell.

import { connectedComponents } from "./components.js";
import { nearestTwo } from "./distance.js";
import { IGNORED, type LabelMap } from "./types.js";

/** The separation term: its height w0 (paper: 10) and its width sigma in pixels (paper: 5). */
export interface Separation {
  readonly w0: number;
  readonly sigma: number;
}

/** The separation term is left out where it is below this: 1/100 of a rounding of w_c = 1. */
const NEGLIGIBLE = 1e-9;

/**
 * w_c of each class: P / (K P_c), with P labelled pixels in all the labels, P_c of them of class c,
 * and K classes, so that the mean over all labelled pixels is 1 where every class occurs. A class
 * that never occurs gets 0. Errors: no label, or labels of different numbers of classes.
 */
export function classBalance(labels: readonly LabelMap[]): number[] {
  if (labels.length === 0) throw new Error("classBalance: got no label, expected at least one");
  const classes = labels[0].classes;
  const counts = new Float64Array(IGNORED + 1);
  for (const label of labels) {
    if (label.classes !== classes) {
      throw new Error(
        `classBalance: got labels of ${classes} and of ${label.classes} classes, ` +
          "expected one number",
      );
    }
    for (const index of label.data) counts[index]++;
  }
  const total = counts.subarray(0, classes).reduce((sum, count) => sum + count, 0);
  return Array.from(counts.subarray(0, classes), (count) =>
    count === 0 ? 0 : total / (classes * count),
  );
}

/**
 * The weight of each pixel, [height][width]: its class's balance, at pixels of class 0 plus the
 * separation term, at ignored pixels 0. Cells are the 4-connected components of class 1; with more
 * than two classes, those of each class other than 0. With fewer than two cells the term is 0.
 */
export function weightMap(
  label: LabelMap,
  balance: readonly number[],
  separation: Separation,
): Float32Array {
  const { width, height, data } = label;
  const { w0, sigma } = separation;
  const weights = new Float32Array(width * height);
  for (let pixel = 0; pixel < weights.length; pixel++) {
    weights[pixel] = data[pixel] === IGNORED ? 0 : balance[data[pixel]];
  }
  if (w0 <= NEGLIGIBLE) return weights;
  const cells = connectedComponents(data, width, height);
  if (cells.count < 2) return weights;
  // Beyond this second distance the term is negligible, whatever the first.
  const reach = sigma * Math.sqrt(2 * Math.log(w0 / NEGLIGIBLE));
  const { first, second } = nearestTwo(cells, width, height, reach);
  for (let pixel = 0; pixel < weights.length; pixel++) {
    if (data[pixel] !== 0 || second[pixel] === Number.POSITIVE_INFINITY) continue;
    const sum = Math.sqrt(first[pixel]) + Math.sqrt(second[pixel]);
    weights[pixel] += w0 * Math.exp(-(sum * sum) / (2 * sigma * sigma));
  }
  return weights;
}
