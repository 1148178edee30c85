// The figures of the EM segmentation challenge of 2012 (Arganda-Carreras et al. 2015), as well as
// IoU, Dice, precision and recall of each class. Cells are class 1, membranes class 0.

import { connectedComponents } from "../data/components.js";
import { IGNORED } from "../data/image-types.js";
import { instanceIou } from "./instances.js";
import {
  judgeObjects,
  largest,
  type ObjectOverlaps,
  type ObjectScores,
  objectScores,
  overThresholds,
} from "./objects.js";
import {
  type ClassFigures,
  type Confusion,
  classFigures,
  confusion,
  sumConfusions,
  wrongPixels,
} from "./pixels.js";
import { proposalAt, type Slice } from "./proposals.js";
import { type WarpingErrors, warpingErrors } from "./warping.js";

/** Figures of one slice, or of several, combined as in the challenge. */
export interface ChallengeFigures extends ObjectScores {
  /** 1 - the maximal F-score of the cells' pixels, counts summed over slices. */
  readonly pixelErrorMaxF: number;
  /** Share of the labelled pixels that differ at the threshold of the masks. */
  readonly wrongPixels: number;
  /**
   * Splits and mergers that remain after warping, divided by the number of labelled pixels; the
   * minimum over thresholds.
   */
  readonly warpingSplitsMergers: number;
  /** The same, with adjacent errors counted once. */
  readonly warpingClustered: number;
  /**
   * Pixels that differ after warping at that threshold, divided by the number of labelled pixels.
   */
  readonly warpingClassic: number;
  /** Mean IoU of single cells at that threshold (`instanceIou`). */
  readonly instanceIou: number;
  /** Figures of class 0 and class 1 at that threshold. */
  readonly classes: readonly ClassFigures[];
}

/** The results for one slice at one threshold. */
export interface Judged extends ObjectOverlaps {
  /** Pixels by class of label and prediction. */
  readonly cells: Confusion;
  /** Errors that are left after the label was warped towards the prediction. */
  readonly warping: WarpingErrors;
}

/** The results that `challengeFigures` combines. */
export interface JudgedSlice {
  /** By threshold; only 0 for a mask. */
  readonly thresholds: ReadonlyMap<number, Judged>;
  /** Labelled pixels. */
  readonly pixels: number;
  /** At the threshold of the masks, like the following. */
  readonly confusion: Confusion;
  /** Pixels that differ after warping. */
  readonly classic: number;
  /** Mean intersection over union of the label's objects, and their number. */
  readonly instances: { readonly mean: number; readonly objects: number };
}

/**
 * Evaluates one slice at the thresholds 0, 0.1, ... 1; a mask, all of whose values are 0 or 1, only
 * at 0. Unlabelled pixels are ignored and belong to no object. `threshold`: the one used for the
 * masks, for the figures of a single mask. Throws a `RangeError` if the sizes differ or the label
 * does not have two classes.
 */
export function judgeSlice(slice: Slice, threshold = 0.5): JudgedSlice {
  const overlaps = judgeObjects(slice);
  const { label, probability } = slice;
  const { width, height, data } = label;
  const cells = data.map((value) => Number(value === 1));
  const warp = (proposal: Uint8Array, threshold: number) => {
    const certainty = new Float64Array(probability);
    for (let i = 0; i < certainty.length; i++) certainty[i] = Math.abs(certainty[i] - threshold);
    return warpingErrors(cells, proposal, certainty, width, height);
  };
  const thresholds = [...overlaps].map(([one, objects]) => {
    const proposal = proposalAt(slice, one);
    const warping = warp(proposal, one);
    return [one, { ...objects, cells: confusion(proposal, label), warping }] as const;
  });
  const mask = proposalAt(slice, threshold);
  const known = thresholds.find(([one]) => one === threshold)?.[1];
  const counted = data.map((value) => Number(value !== IGNORED));
  const truth = connectedComponents(data, width, height).labels;
  return {
    thresholds: new Map(thresholds),
    pixels: sum(counted),
    confusion: confusion(mask, label),
    classic: (known?.warping ?? warp(mask, threshold)).pixels,
    instances: instanceIou(truth, connectedComponents(mask, width, height).labels, counted),
  };
}

/**
 * Returns the figures of evaluated slices together, combined as in the challenge; NaN if there is
 * nothing to count, such as the scores of objects if no label has a cell. Throws a `RangeError` if
 * there is no slice.
 */
export function challengeFigures(slices: readonly JudgedSlice[]): ChallengeFigures {
  if (slices.length === 0)
    throw new RangeError("challengeFigures: got no slice, expected at least one");
  const judged = slices.map(({ thresholds }) => thresholds);
  const pixels = sum(slices.map((slice) => slice.pixels));
  const fewest = (errors: (warping: WarpingErrors) => number) =>
    Math.min(...overThresholds(judged, (all) => sum(all.map(({ warping }) => errors(warping)))));
  const cellF = overThresholds(
    judged,
    (all) => classFigures(sumConfusions(all.map(({ cells }) => cells)))[1].dice,
  );
  const counts = sumConfusions(slices.map((slice) => slice.confusion));
  return {
    ...objectScores(judged),
    pixelErrorMaxF: 1 - largest(cellF),
    wrongPixels: wrongPixels(counts),
    warpingSplitsMergers: fewest(({ splitsAndMergers }) => splitsAndMergers) / pixels,
    warpingClustered: fewest(({ clustered }) => clustered) / pixels,
    warpingClassic: sum(slices.map(({ classic }) => classic)) / pixels,
    instanceIou: meanInstanceIou(slices),
    classes: classFigures(counts),
  };
}

/** Over all objects of all slices. */
function meanInstanceIou(slices: readonly JudgedSlice[]): number {
  const found = slices.map(({ instances }) => instances).filter(({ objects }) => objects > 0);
  const total = sum(found.map(({ mean, objects }) => mean * objects));
  return total / sum(found.map(({ objects }) => objects));
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
