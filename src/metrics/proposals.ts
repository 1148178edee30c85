// Turns a probability map into a segmentation by a threshold.

import { IGNORED, type LabelMap } from "../data/image-types.js";

/** A label of two classes and a proposed segmentation. */
export interface Slice {
  /** The label of the slice. */
  readonly label: LabelMap;
  /** [height][width]: probability of class 1; for a mask 0 and 1. */
  readonly probability: Float32Array;
}

/** The thresholds of the EM challenge of 2012. A pixel is cell if its probability is above. */
export const THRESHOLDS: readonly number[] = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** Throws a `RangeError` if the sizes differ or the label does not have two classes. */
export function checkSlice({ label, probability }: Slice): void {
  const { width, height, classes } = label;
  if (probability.length !== width * height) {
    throw new RangeError(
      `got ${probability.length} probabilities, expected ${width * height} as in the label`,
    );
  }
  if (classes !== 2) throw new RangeError(`got a label of ${classes} classes, expected 2`);
}

/**
 * Returns the thresholds at which a slice differs: a mask, all of whose values are 0 or 1, is the
 * same at all of them, so only 0 remains.
 */
export function thresholdsOf({ probability }: Slice): readonly number[] {
  return probability.every((value) => value === 0 || value === 1) ? [0] : THRESHOLDS;
}

/** [height][width]: 1 where a labelled pixel's probability is above the threshold, else 0. */
export function proposalAt({ label, probability }: Slice, threshold: number): Uint8Array {
  const proposal = new Uint8Array(probability.length);
  for (let i = 0; i < proposal.length; i++) {
    if (probability[i] > threshold && label.data[i] !== IGNORED) proposal[i] = 1;
  }
  return proposal;
}
