// The network in use: the one that segments and is exported, with its predictions and metrics.

import type { StoredCheckpoint, Training } from "./project-types.js";
import type { StepPrediction } from "./types.js";

export interface NetworkInUse {
  readonly kind: "best" | "last";
  readonly checkpoint: StoredCheckpoint;
}

/** The best network by validation, else the newest; undefined if there is none. */
export function networkInUse({ best, last }: Training): NetworkInUse | undefined {
  // A run without validation has no best network, and an earlier run's does not count.
  const isUnchecked = last?.run?.data?.pixels === 0 && best?.run?.id !== last.run.id;
  if (best && !isUnchecked) return { kind: "best", checkpoint: best };
  return last && { kind: "last", checkpoint: last };
}

/** Whether the network in use made a prediction. */
export function isCurrent(prediction: StepPrediction, training: Training): boolean {
  const checkpoint = networkInUse(training)?.checkpoint;
  return prediction.step === checkpoint?.step && prediction.run === checkpoint.run?.id;
}

/** The predictions of the network in use; the others are outdated. */
export function currentPredictions<Prediction extends StepPrediction>(
  predictions: Readonly<Record<string, Prediction>>,
  training: Training,
): Readonly<Record<string, Prediction>> {
  const entries = Object.entries(predictions).filter(([, one]) => isCurrent(one, training));
  return Object.fromEntries(entries);
}

/** The validation error at a step. */
interface StepFigure {
  readonly step: number;
  /** Share of the pixels. */
  readonly wrongPixels: number;
}

/** The validation error of the network in use; undefined if it was not measured. */
export function figureInUse(training: Training): StepFigure | undefined {
  const checkpoint = networkInUse(training)?.checkpoint;
  if (!checkpoint) return undefined;
  const { step, figures } = checkpoint;
  if (figures) return { step, wrongPixels: figures.wrongPixels };
  return training.validations.findLast((one) => one.step === step);
}
