// Figures for choosing a checkpoint, cheap enough to compute at each validation.

import type { LabelMap } from "../data/image-types.js";
import { judgeObjects, type ObjectOverlaps, objectScores } from "./objects.js";
import {
  type ClassFigures,
  type Confusion,
  classFigures,
  confusion,
  predictedClasses,
  sumConfusions,
  wrongPixels,
} from "./pixels.js";

/** A label and the network's probabilities for it, [classes][height][width]. */
export interface Judgeable {
  /** As large as the prediction. */
  readonly label: LabelMap;
  /** [classes][height][width] */
  readonly probabilities: Float32Array;
}

/** Figures of a set of predictions together, as printed by `evaluate`. */
export interface SelectionFigures {
  /** `vRandThin` of the EM challenge, for two classes; NaN for more. */
  readonly vRand: number;
  /** `vInfoThin` of the EM challenge, for two classes; NaN for more. */
  readonly vInfo: number;
  /** Share of the labelled pixels whose class differs. */
  readonly wrongPixels: number;
  /** Mean over the classes that occur, with the counts of all images added up. */
  readonly iou: number;
  /** Mean over the classes that occur, with the counts of all images added up. */
  readonly dice: number;
}

/** Counts of one prediction, without pixels, from which the figures of several are computed. */
export interface Judged {
  readonly confusion: Confusion;
  /** If requested, for two classes. */
  readonly objects?: ReadonlyMap<number, ObjectOverlaps> | undefined;
}

/**
 * Returns the figures of predictions. With `objects: false`, vRand and vInfo are NaN: they take a
 * quarter of a second per slice of 512 x 512, the others some milliseconds. Throws if there is no
 * prediction, or if sizes or numbers of classes differ.
 */
export function selectionFigures(
  predictions: readonly Judgeable[],
  { objects = true }: { readonly objects?: boolean } = {},
): SelectionFigures {
  return judgedFigures(predictions.map((prediction) => judge(prediction, { objects })));
}

/** Evaluates one prediction. Throws if sizes or numbers of classes differ. */
export function judge(
  { label, probabilities }: Judgeable,
  { objects }: { readonly objects: boolean },
): Judged {
  const counts = confusion(predictedClasses(probabilities, label.classes), label);
  if (!objects || label.classes !== 2) return { confusion: counts };
  const probability = probabilities.subarray(label.data.length);
  return { confusion: counts, objects: judgeObjects({ label, probability }) };
}

/**
 * Returns the figures of all evaluated predictions. Throws if there are none or the numbers of
 * classes differ.
 */
export function judgedFigures(judged: readonly Judged[]): SelectionFigures {
  const counts = sumConfusions(judged.map((one) => one.confusion));
  const figures = classFigures(counts);
  const objects = judged.flatMap((one) => one.objects ?? []);
  const scores = objects.length > 0 ? objectScores(objects) : undefined;
  return {
    vRand: scores?.vRandThin ?? Number.NaN,
    vInfo: scores?.vInfoThin ?? Number.NaN,
    wrongPixels: wrongPixels(counts),
    iou: meanOverClasses(figures, "iou"),
    dice: meanOverClasses(figures, "dice"),
  };
}

/** Returns the mean of a figure over the classes for which it is not NaN; NaN if there are none. */
export function meanOverClasses(
  classes: readonly ClassFigures[],
  figure: keyof ClassFigures,
): number {
  const values = classes.map((one) => one[figure]).filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
