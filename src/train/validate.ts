// Figures on held-out images, from predictions of the whole images.

import type { LabelMap, Sample } from "../data/types.js";
import { IGNORED } from "../data/types.js";
import { weightMap } from "../data/weight-map.js";
import {
  type ClassFigures,
  type Confusion,
  classFigures,
  confusion,
  predictedClasses,
  sumConfusions,
  wrongPixels,
} from "../metrics/pixels.js";
import { selectionFigures } from "../metrics/selection.js";
import type { Predictor } from "./predict.js";
import { needsObjects } from "./selection.js";
import type { Prediction, SamplePrediction, TrainingConfig, ValidationFigures } from "./types.js";

export interface Validation extends ValidationFigures {
  readonly images: readonly ({ readonly name: string } & ValidationFigures)[];
  readonly classes: readonly ClassFigures[];
  readonly predictions: readonly SamplePrediction[];
}

/** Predicts the samples and compares. The weight maps are made once, on the first call. */
export function createValidator(
  samples: readonly Sample[],
  balance: readonly number[],
  training: Pick<TrainingConfig, "w0" | "sigma" | "best">,
): (predictor: Predictor) => Promise<Validation> {
  let weights: Float32Array[] | undefined;
  return async (predictor) => {
    weights ??= samples.map(({ label }) => weightMap(label, balance, training));
    const images: ({ readonly name: string } & ValidationFigures)[] = [];
    const predictions: SamplePrediction[] = [];
    const confusions: Confusion[] = [];
    const sums = { loss: 0, pixels: 0 };
    for (const [i, sample] of samples.entries()) {
      const prediction = await predictor.predict(sample.image, sample.name);
      const { loss, pixels } = weightedLoss(prediction, sample.label, weights[i]);
      const { probabilities, classes } = prediction;
      const counts = confusion(predictedClasses(probabilities, classes), sample.label);
      confusions.push(counts);
      const figures = { loss: loss / pixels, wrongPixels: wrongPixels(counts) };
      images.push({ name: sample.name, ...figures });
      predictions.push({ sample, prediction });
      sums.loss += loss;
      sums.pixels += pixels;
    }
    const { vRand, vInfo, ...figures } = selectionFigures(
      predictions.map(({ sample: { label }, prediction }) => ({ label, ...prediction })),
      { objects: needsObjects(training.best) },
    );
    const objects = needsObjects(training.best) ? { vRand, vInfo } : {};
    const classes = classFigures(sumConfusions(confusions));
    return { loss: sums.loss / sums.pixels, ...figures, ...objects, images, classes, predictions };
  };
}

/** The training loss (weighted-cross-entropy.ts), from probabilities: its sum, and its pixels. */
function weightedLoss(
  { probabilities, width, height }: Prediction,
  label: LabelMap,
  weights: Float32Array,
): { loss: number; pixels: number } {
  let loss = 0;
  let pixels = 0;
  const plane = width * height;
  for (let i = 0; i < plane; i++) {
    if (weights[i] <= 0 || label.data[i] === IGNORED) continue;
    // The smallest normal float32 stands in for a probability that was rounded to 0.
    loss -= weights[i] * Math.log(Math.max(probabilities[label.data[i] * plane + i], 1.2e-38));
    pixels++;
  }
  return { loss, pixels };
}
