// The figures of objects that other programs use too, for one image or several together.

import { MATCH_THRESHOLDS, type ObjectMatches } from "./match-objects.js";

/**
 * NaN if there is nothing to count. TP: pairs, FP: predicted objects without a pair, FN: labelled ones without.
 */
export interface ObjectFigures {
  /** Objects of the labels. */
  readonly labelled: number;
  /** Objects of the prediction. */
  readonly predicted: number;
  /** Pairs with an IoU of at least 0.5. */
  readonly matched: number;
  /** Mean IoU of these pairs. */
  readonly meanIou: number;
  /** (predicted - labelled) / labelled. */
  readonly countError: number;
  /**
   * Average precision at IoU 0.5, 0.55, ... 0.95, each TP / (TP + FP + FN), as in Cellpose and StarDist
   * (Stringer et al. 2021; Schmidt et al. 2018). Counts of several images are added first.
   */
  readonly averagePrecision: readonly number[];
  /** Average precision at IoU 0.5. */
  readonly ap50: number;
  /** The mean of the ten: 0.5 to 0.95. */
  readonly ap: number;
  /** Share of the predicted objects that are matched: TP / (TP + FP) at IoU 0.5. */
  readonly precision: number;
  /** Share of the labelled objects that are matched: TP / (TP + FN). */
  readonly recall: number;
  /** Harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN). */
  readonly f1: number;
  /**
   * Panoptic quality (Kirillov et al. 2019): the sum of the pairs' IoU, from 0.5, divided by
   * TP + FP / 2 + FN / 2.
   */
  readonly panopticQuality: number;
  /**
   * SEG of the Cell Tracking Challenge (Maska et al. 2014): the mean over the labelled objects of the IoU
   * with the predicted one that covers more than half of it, or 0 if none does.
   */
  readonly seg: number;
  /**
   * DET of the Cell Tracking Challenge (Matula et al. 2015): 1 - min(A, A0) / A0, with
   * A = 5 cuts + 10 missed + added, the cost of correcting the prediction, and A0 = 10 labelled, the cost of
   * drawing all objects. A predicted object finds a labelled one if it covers more than half of it.
   */
  readonly det: number;
  /**
   * Aggregated Jaccard index (Kumar et al. 2017): each labelled object is paired with the predicted one of
   * largest IoU; the sum of the intersections is divided by the sum of the unions and of the predicted objects
   * without a partner.
   */
  readonly aggregatedJaccard: number;
}

/** The figures of several images together. */
export function objectFigures(images: readonly ObjectMatches[]): ObjectFigures {
  const sum = (value: (one: ObjectMatches) => number) =>
    images.reduce((total, one) => total + value(one), 0);
  const labelled = sum((one) => one.labelled);
  const predicted = sum((one) => one.predicted);
  const averagePrecision = MATCH_THRESHOLDS.map((_, i) => {
    const pairs = sum((one) => one.matched[i]);
    return pairs / (labelled + predicted - pairs);
  });
  const matched = sum((one) => one.matched[0]);
  const cost = 5 * sum((one) => one.cuts) + 10 * sum((one) => one.missed) + sum((one) => one.added);
  return {
    labelled,
    predicted,
    matched,
    meanIou: sum((one) => one.iou) / matched,
    countError: (predicted - labelled) / labelled,
    averagePrecision,
    ap50: averagePrecision[0],
    ap: averagePrecision.reduce((total, one) => total + one, 0) / averagePrecision.length,
    precision: matched / predicted,
    recall: matched / labelled,
    f1: (2 * matched) / (labelled + predicted),
    panopticQuality: sum((one) => one.iou) / ((labelled + predicted) / 2),
    seg: sum((one) => one.segmentation) / labelled,
    det: 1 - Math.min(cost, 10 * labelled) / (10 * labelled),
    aggregatedJaccard:
      sum((one) => one.aggregated.intersection) / sum((one) => one.aggregated.union),
  };
}
