// Figures that a checkpoint can be chosen by: what is cheap to compute at each validation.

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
  readonly label: LabelMap;
  readonly probabilities: Float32Array;
}

/** Figures of a set of predictions together, as `evaluate` prints them. */
export interface SelectionFigures {
  /** `vRandThin` of the EM challenge, of two classes; NaN with more. */
  readonly vRand: number;
  /** `vInfoThin` of the EM challenge, of two classes; NaN with more. */
  readonly vInfo: number;
  /** Share of the labelled pixels whose class differs. */
  readonly wrongPixels: number;
  /** Mean over the classes that occur, counts of all images together. */
  readonly iou: number;
  /** Mean over the classes that occur, counts of all images together. */
  readonly dice: number;
}

/** What the figures of several predictions are made of: of each some counts, no pixels. */
export interface Judged {
  readonly confusion: Confusion;
  /** Where they were asked for, of two classes. */
  readonly objects?: ReadonlyMap<number, ObjectOverlaps> | undefined;
}

/**
 * The figures of predictions. `objects: false` leaves vRand and vInfo NaN, which take a quarter of a
 * second a slice of 512 x 512; the others take some milliseconds. Errors: no prediction, sizes or
 * numbers of classes that differ.
 */
export function selectionFigures(
  predictions: readonly Judgeable[],
  { objects = true }: { readonly objects?: boolean } = {},
): SelectionFigures {
  return judgedFigures(predictions.map((prediction) => judge(prediction, { objects })));
}

/** Judges one prediction. Errors: sizes or numbers of classes that differ. */
export function judge(
  { label, probabilities }: Judgeable,
  { objects }: { readonly objects: boolean },
): Judged {
  const counts = confusion(predictedClasses(probabilities, label.classes), label);
  if (!objects || label.classes !== 2) return { confusion: counts };
  const probability = probabilities.subarray(label.data.length);
  return { confusion: counts, objects: judgeObjects({ label, probability }) };
}

/** The figures of all that was judged together. Errors: nothing, different numbers of classes. */
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

/** The mean of a figure over the classes where it is a number; NaN where it is none in all. */
export function meanOverClasses(
  classes: readonly ClassFigures[],
  figure: keyof ClassFigures,
): number {
  const values = classes.map((one) => one[figure]).filter((value) => !Number.isNaN(value));
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
