// Which checkpoint of a run is the best: the figure that is compared, and when to stop early.

import type { TrainingConfig, ValidationFigures } from "./training-types.js";

/** The figures by which the best checkpoint can be chosen. */
export type SelectionName = TrainingConfig["best"];

/**
 * Figures that `best` can be chosen by, each with its field and whether lower or higher is better.
 */
const FIGURES: Readonly<Record<SelectionName, readonly [keyof ValidationFigures, "low" | "high"]>> =
  {
    loss: ["loss", "low"],
    "wrong-pixels": ["wrongPixels", "low"],
    iou: ["iou", "high"],
    dice: ["dice", "high"],
    "v-rand": ["vRand", "high"],
    "v-info": ["vInfo", "high"],
    ap50: ["ap50", "high"],
  };

/** Returns the field of the figure that decides. */
export function selectionField(name: SelectionName): keyof ValidationFigures {
  return FIGURES[name][0];
}

/**
 * Whether the figure needs the objects of each image, a quarter of a second per 512 x 512 pixels.
 */
export function needsObjects(name: SelectionName): boolean {
  return name === "v-rand" || name === "v-info";
}

/**
 * Whether figures are better than the best so far. A figure that is NaN (no held-out pixel is
 * labelled) is worse than any number.
 */
export function isBetter(
  name: SelectionName,
  figures: ValidationFigures,
  best: ValidationFigures | undefined,
): boolean {
  const [field, better] = FIGURES[name];
  const [value, before] = [figures[field] ?? Number.NaN, best?.[field] ?? Number.NaN];
  if (best === undefined || Number.isNaN(before)) return true;
  return better === "low" ? value < before : value > before;
}

/** Whether `patience` validations in a row, if any, have not been better than the best. */
export function isStale(
  { patience, validateEvery }: Pick<TrainingConfig, "patience" | "validateEvery">,
  step: number,
  best: { readonly step: number } | undefined,
): boolean {
  if (patience === 0 || best === undefined) return false;
  return Math.floor((step - best.step) / validateEvery) >= patience;
}
