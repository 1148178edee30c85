// Scores for the separation of objects in slices: Rand and information scores over thresholds.

import { connectedComponents } from "../data/components.js";
import { thinBorders } from "./border-thinning.js";
import { informationScore, type Overlap, overlapOf, randScore } from "./overlap.js";
import { checkSlice, proposalAt, type Slice, THRESHOLDS, thresholdsOf } from "./proposals.js";

/** Overlaps of the label's objects with the proposal's at one threshold. */
export interface ObjectOverlaps {
  /** Without thinning borders. */
  readonly plain: Overlap;
  /** With the proposal's objects grown until their borders are one pixel wide. */
  readonly thin: Overlap;
}

/** Scores of the EM segmentation challenge, 1 the best. */
export interface ObjectScores {
  /**
   * Rand F-score after thinning borders: mean over the slices that have cells, then the maximum
   * over thresholds.
   */
  readonly vRandThin: number;
  /** Information-theoretic F-score after thinning borders, combined in the same way. */
  readonly vInfoThin: number;
  /** 1 - the maximal Rand F-score without thinning, pairs of pixels summed over slices. */
  readonly randError: number;
}

/**
 * Returns the overlaps of one slice by threshold; only 0 for a mask. Unlabelled pixels are ignored
 * and belong to no object. Throws a `RangeError` if label and probability do not fit.
 */
export function judgeObjects(slice: Slice): ReadonlyMap<number, ObjectOverlaps> {
  checkSlice(slice);
  const { width, height, data } = slice.label;
  const truth = connectedComponents(data, width, height).labels;
  const overlaps = thresholdsOf(slice).map((threshold) => {
    const { labels } = connectedComponents(proposalAt(slice, threshold), width, height);
    const thin = overlapOf(truth, thinBorders(labels, width, height));
    return [threshold, { plain: overlapOf(truth, labels), thin }] as const;
  });
  return new Map(overlaps);
}

/** Returns the scores of several slices together; NaN if no slice has a cell. */
export function objectScores(slices: readonly ReadonlyMap<number, ObjectOverlaps>[]): ObjectScores {
  const mean = (all: readonly ObjectOverlaps[], score: (thin: Overlap) => number) => {
    const scores = all.filter(({ thin }) => thin.pixels > 0).map(({ thin }) => score(thin));
    return scores.reduce((sum, value) => sum + value, 0) / scores.length;
  };
  const most = (score: (all: readonly ObjectOverlaps[]) => number) =>
    largest(overThresholds(slices, score));
  return {
    vRandThin: most((all) => mean(all, (thin) => randScore([thin]).f)),
    vInfoThin: most((all) => mean(all, (thin) => informationScore(thin).f)),
    randError: 1 - most((all) => randScore(all.map(({ plain }) => plain)).f),
  };
}

/** Returns a figure of all slices at each threshold; a mask is the same at every threshold. */
export function overThresholds<T>(
  slices: readonly ReadonlyMap<number, T>[],
  figure: (all: readonly T[]) => number,
): number[] {
  return THRESHOLDS.map((threshold) =>
    figure(slices.map((slice) => (slice.get(threshold) ?? slice.get(0)) as T)),
  );
}

/** Returns the largest of the values that are not NaN; NaN if there is none. */
export function largest(values: readonly number[]): number {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length > 0 ? Math.max(...numbers) : Number.NaN;
}
