// Single cells of a label and of a prediction, told apart by their numbers: which are found.

import { countObjects } from "./instances.js";

/** Cells of one image that are matched one to one. */
export interface CellMatches {
  /** Cells of the label and of the prediction. */
  readonly labelled: number;
  readonly predicted: number;
  readonly matched: number;
  /** Sum of the matches' IoU. */
  readonly iou: number;
}

/** Figures of one image, or of several together; NaN where there is nothing to count. */
export interface CellFigures {
  readonly labelled: number;
  readonly predicted: number;
  readonly matched: number;
  /** matched / predicted */
  readonly precision: number;
  /** matched / labelled */
  readonly recall: number;
  /** 2 matched / (labelled + predicted) */
  readonly f1: number;
  /** Mean IoU of the matches. */
  readonly meanIou: number;
}

/**
 * Matches cells whose intersection over union is at least 0.5, the largest first, each at most once.
 * Both as numbers of the pixels, 0 outside of cells; pixels where `counted` is 0 count nowhere.
 */
export function matchCells(
  truth: Int32Array,
  prediction: Int32Array,
  counted?: Uint8Array,
): CellMatches {
  const { truths, proposals, both } = countObjects(truth, prediction, counted);
  const candidates = [...both].flatMap(([i, row]) =>
    [...row].map(([j, common]) => {
      const union = (truths.get(i) ?? 0) + (proposals.get(j) ?? 0) - common;
      return { i, j, iou: common / union };
    }),
  );
  const near = candidates.filter(({ iou }) => iou >= 0.5).sort((a, b) => b.iou - a.iou);
  const taken = { truths: new Set<number>(), predictions: new Set<number>() };
  let iou = 0;
  for (const one of near) {
    if (taken.truths.has(one.i) || taken.predictions.has(one.j)) continue;
    taken.truths.add(one.i);
    taken.predictions.add(one.j);
    iou += one.iou;
  }
  return {
    labelled: truths.size,
    predicted: proposals.size,
    matched: taken.truths.size,
    iou,
  };
}

/** The figures of several images together. */
export function cellFigures(images: readonly CellMatches[]): CellFigures {
  const sum = (key: keyof CellMatches) => images.reduce((total, one) => total + one[key], 0);
  const [labelled, predicted, matched] = [sum("labelled"), sum("predicted"), sum("matched")];
  return {
    labelled,
    predicted,
    matched,
    precision: matched / predicted,
    recall: matched / labelled,
    f1: (2 * matched) / (labelled + predicted),
    meanIou: sum("iou") / matched,
  };
}
