// Figures that count pixels: the confusion matrix, and what is derived from it.

import { IGNORED, type LabelMap } from "../data/image-types.js";

/**
 * counts[truth * classes + predicted]: labelled pixels of class `truth` with the predicted class
 * `predicted`.
 */
export interface Confusion {
  /** Number of classes. */
  readonly classes: number;
  /** [classes of the label][classes of the prediction]: pixels. */
  readonly counts: Float64Array;
}

/** Figures of one class, each 0 to 1; NaN if the class occurs in neither, or nothing is counted. */
export interface ClassFigures {
  /** Intersection over union: TP / (TP + FP + FN). */
  readonly iou: number;
  /** 2 TP / (2 TP + FP + FN). */
  readonly dice: number;
  /** TP / (TP + FP); NaN if the class was never predicted. */
  readonly precision: number;
  /** TP / (TP + FN); NaN if the class is not in the labels. */
  readonly recall: number;
}

/**
 * Returns the class of each pixel from probabilities [classes][height][width]: the most probable,
 * or the lower index if equal. With two classes and a `threshold`: class 1 where its probability is
 * above it.
 */
export function predictedClasses(
  probabilities: Float32Array,
  classes: number,
  threshold = 0.5,
): Uint8Array {
  const count = probabilities.length / classes;
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `predictedClasses: got ${probabilities.length} values, expected a multiple of ${classes}`,
    );
  }
  const result = new Uint8Array(count);
  if (threshold !== 0.5) {
    if (classes !== 2) throw new RangeError(`a threshold needs two classes, got ${classes}`);
    for (let i = 0; i < count; i++) result[i] = Number(probabilities[count + i] > threshold);
    return result;
  }
  if (classes === 2) {
    // The usual case, several times faster without the loop over classes; a number of the comparison needs no branch.
    for (let i = 0; i < count; i++) result[i] = Number(probabilities[count + i] > probabilities[i]);
    return result;
  }
  for (let pixel = 0; pixel < count; pixel++) {
    let best = probabilities[pixel];
    for (let index = 1; index < classes; index++) {
      const value = probabilities[index * count + pixel];
      if (value > best) {
        best = value;
        result[pixel] = index;
      }
    }
  }
  return result;
}

/**
 * Counts predicted class indices, [height][width], by class of the label. Ignored pixels are not
 * counted.
 */
export function confusion(predicted: Uint8Array, label: LabelMap): Confusion {
  const { classes, data } = label;
  if (predicted.length !== data.length) {
    throw new RangeError(
      `confusion: got ${predicted.length} predicted pixels, ` +
        `expected ${data.length} as in the label`,
    );
  }
  const counts = new Float64Array(classes * classes);
  for (let pixel = 0; pixel < data.length; pixel++) {
    if (data[pixel] === IGNORED) continue;
    if (predicted[pixel] >= classes) {
      throw new RangeError(
        `confusion: got predicted class ${predicted[pixel]}, expected 0 to ${classes - 1}`,
      );
    }
    counts[data[pixel] * classes + predicted[pixel]]++;
  }
  return { classes, counts };
}

/** Adds up the counts of several images. Throws if the list is empty or the class counts differ. */
export function sumConfusions(confusions: readonly Confusion[]): Confusion {
  if (confusions.length === 0) throw new Error("sumConfusions: got none, expected at least one");
  const classes = confusions[0].classes;
  const counts = new Float64Array(classes * classes);
  for (const one of confusions) {
    if (one.classes !== classes) {
      throw new Error(`sumConfusions: got ${one.classes} classes, expected ${classes} in all`);
    }
    for (let i = 0; i < counts.length; i++) counts[i] += one.counts[i];
  }
  return { classes, counts };
}

/**
 * Returns the share of the labelled pixels whose predicted class differs; NaN if no pixel is
 * labelled.
 */
export function wrongPixels({ classes, counts }: Confusion): number {
  let total = 0;
  let right = 0;
  for (let i = 0; i < counts.length; i++) total += counts[i];
  for (let index = 0; index < classes; index++) right += counts[index * classes + index];
  return (total - right) / total;
}

/** Returns the figures of each class. */
export function classFigures({ classes, counts }: Confusion): ClassFigures[] {
  return Array.from({ length: classes }, (_, index) => {
    const hit = counts[index * classes + index];
    let truth = 0;
    let called = 0;
    for (let other = 0; other < classes; other++) {
      truth += counts[index * classes + other];
      called += counts[other * classes + index];
    }
    return {
      iou: hit / (truth + called - hit),
      dice: (2 * hit) / (truth + called),
      precision: hit / called,
      recall: hit / truth,
    };
  });
}
