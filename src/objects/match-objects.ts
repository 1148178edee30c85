// Matches the objects of a label and of a prediction: all counts that the figures of objects need.

import { countObjects, type ObjectCounts } from "../metrics/instances.js";
import type { ObjectLabels } from "./object-labels.js";

/** IoU at which a pair counts as a match: 0.5, 0.55, ... 0.95. */
export const MATCH_THRESHOLDS: readonly number[] = Array.from(
  { length: 10 },
  (_, i) => (50 + 5 * i) / 100,
);

/** Sums of one image, which add up over images. */
export interface ObjectMatches {
  /** Objects of the label and of the prediction. */
  readonly labelled: number;
  /** Objects of the prediction. */
  readonly predicted: number;
  /** Number of pairs at each of `MATCH_THRESHOLDS`; an object is in at most one pair. */
  readonly matched: readonly number[];
  /** Sum of the IoU of the pairs at 0.5. */
  readonly iou: number;
  /** Sum over the labelled objects of the IoU with the predicted one that covers more than half of each. */
  readonly segmentation: number;
  /** Labelled objects that no predicted object covers by more than half. */
  readonly missed: number;
  /** Predicted objects that cover no labelled object by more than half. */
  readonly added: number;
  /** Missing cuts: for each predicted object the labelled ones that it covers by more than half, minus one. */
  readonly cuts: number;
  /** Pixels of the intersections and unions of the aggregated Jaccard index. */
  readonly aggregated: { readonly intersection: number; readonly union: number };
}

/**
 * Matches the objects of one image. `counted`, [height][width]: pixels where it is 0 are ignored. Throws a
 * `RangeError` if the sizes differ.
 */
export function matchObjects(
  truth: ObjectLabels,
  predicted: ObjectLabels,
  counted?: Uint8Array,
): ObjectMatches {
  if (truth.width !== predicted.width || truth.height !== predicted.height) {
    throw new RangeError(
      `matchObjects: the prediction is ${predicted.width} x ${predicted.height}, expected ` +
        `${truth.width} x ${truth.height} as the label`,
    );
  }
  return matchCounts(countObjects(truth.data, predicted.data, counted));
}

/** The same from the pixels of the objects and of their overlaps. */
export function matchCounts({ truths, proposals, both }: ObjectCounts): ObjectMatches {
  const near: { i: number; j: number; iou: number }[] = [];
  /** By predicted object: how many labelled ones it covers by more than half. */
  const covers = new Map<number, number>();
  const used = new Set<number>();
  const aggregated = { intersection: 0, union: 0 };
  let segmentation = 0;
  let missed = 0;
  for (const [i, size] of truths) {
    let isCovered = false;
    let best = { j: 0, iou: 0, common: 0, union: size };
    for (const [j, common] of both.get(i) ?? []) {
      const union = size + (proposals.get(j) ?? 0) - common;
      const iou = common / union;
      if (iou >= MATCH_THRESHOLDS[0]) near.push({ i, j, iou });
      if (iou > best.iou) best = { j, iou, common, union };
      if (2 * common <= size) continue;
      isCovered = true;
      segmentation += iou;
      covers.set(j, (covers.get(j) ?? 0) + 1);
    }
    if (!isCovered) missed++;
    if (best.j > 0) used.add(best.j);
    aggregated.intersection += best.common;
    aggregated.union += best.union;
  }
  for (const [j, size] of proposals) if (!used.has(j)) aggregated.union += size;
  const pairs = onePairEach(near);
  return {
    labelled: truths.size,
    predicted: proposals.size,
    matched: MATCH_THRESHOLDS.map((least) => pairs.filter((iou) => iou >= least).length),
    iou: pairs.reduce((sum, iou) => sum + iou, 0),
    segmentation,
    missed,
    added: proposals.size - covers.size,
    cuts: [...covers.values()].reduce((sum, count) => sum + count - 1, 0),
    aggregated,
  };
}

/**
 * The IoU of pairs, the largest first; each object is in at most one. From 0.5 on no choice of pairs has more:
 * an object can only have two such partners if both cover exactly half of it.
 */
function onePairEach(near: { i: number; j: number; iou: number }[]): number[] {
  const taken = { i: new Set<number>(), j: new Set<number>() };
  return [...near]
    .sort((a, b) => b.iou - a.iou)
    .filter(({ i, j }) => {
      if (taken.i.has(i) || taken.j.has(j)) return false;
      taken.i.add(i);
      taken.j.add(j);
      return true;
    })
    .map(({ iou }) => iou);
}
