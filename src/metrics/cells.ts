// Detection of single cells, given the cell numbers of a label and of a prediction.

import { countObjects } from "./instances.js";

/** One-to-one matches of cells in an image. */
export interface CellMatches {
  /** Cells of the label and of the prediction. */
  readonly labelled: number;
  /** Cells of the prediction. */
  readonly predicted: number;
  /** Cells that match one of the other side. */
  readonly matched: number;
  /** Sum of the IoU of the matches. */
  readonly iou: number;
}

/** Figures of one image, or of several together; NaN if there is nothing to count. */
export interface CellFigures {
  /** Cells of the label. */
  readonly labelled: number;
  /** Cells of the prediction. */
  readonly predicted: number;
  /** Cells that match one of the other side. */
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
 * Matches cells with an intersection over union of at least 0.5, the largest first, each at most
 * once. Both are numbers by pixel, 0 outside cells; pixels where `counted` is 0 are ignored.
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

/** Returns the figures of several images together. */
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
