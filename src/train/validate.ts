// Figures on held-out images, computed from predictions of whole images.

import type { LabelMap, Sample } from "../data/image-types.js";
import { checkObjects } from "../data/object-task.js";
import { checkWhole } from "../data/percentile-scales.js";
import { readSample, type SampleFile } from "../data/survey.js";
import type { ObjectTask } from "../data/task.js";
import { hasSeparation, weightMap, weightsByClass } from "../data/weight-map.js";
import { type ClassFigures, classFigures, sumConfusions, wrongPixels } from "../metrics/pixels.js";
import { type Judged, judge, judgedFigures } from "../metrics/selection-figures.js";
import { heldOutCells } from "../objects/held-out-cells.js";
import type { Predictor } from "../predict/predictor.js";
import { needsObjects } from "./selection.js";
import type {
  Prediction,
  SamplePrediction,
  TrainingConfig,
  ValidationFigures,
} from "./training-types.js";

export interface Validation extends ValidationFigures {
  readonly images: readonly ({ readonly name: string } & ValidationFigures)[];
  readonly classes: readonly ClassFigures[];
}

/** Called with each prediction when it is ready; it is not kept. */
export type OnPrediction = (prediction: SamplePrediction, index: number) => void | Promise<void>;

type JudgedPredictor = Pick<Predictor, "predict"> & Partial<Pick<Predictor, "normalisation">>;

/** The weight maps kept from one validation to the next, in pixels: 256 MiB. */
const KEPT_PIXELS = 2 ** 26;

/**
 * Predicts the samples one after the other, and compares; single cells too, where the task is about `cells`. Throws
 * where the checkpoint is chosen by cells, and the task is not about them or not of as many classes.
 */
export function createValidator(
  samples: readonly (Sample | SampleFile)[],
  balance: readonly number[],
  training: Pick<TrainingConfig, "w0" | "sigma" | "best">,
  cells?: ObjectTask | undefined,
): (predictor: JudgedPredictor, onPrediction?: OnPrediction) => Promise<Validation> {
  const kept = new Map<number, Float32Array>();
  let room = KEPT_PIXELS;
  const byClass = weightsByClass(balance);
  const weightsOf = (index: number, label: LabelMap): ((pixel: number) => number) => {
    // Without separation weights, the class of a pixel determines its weight.
    if (!hasSeparation(training)) return (pixel) => byClass[label.data[pixel]];
    const weights = kept.get(index) ?? weightMap(label, balance, training);
    if (!kept.has(index) && weights.length <= room) {
      kept.set(index, weights);
      room -= weights.length;
    }
    return (pixel) => weights[pixel];
  };
  const objects = needsObjects(training.best);
  checkObjects(cells, balance.length);
  if (training.best === "ap50" && !cells) {
    throw new Error(
      "train: best is ap50, which judges single cells: expected a task with objects, " +
        'such as { objects: { kind: "gap" } }',
    );
  }
  const openCells = () => cells && heldOutCells(cells.kind);
  return async (predictor, onPrediction) => {
    const images: ({ readonly name: string } & ValidationFigures)[] = [];
    const judged: Judged[] = [];
    const sums = { loss: 0, pixels: 0 };
    const found = openCells();
    for (const [i, known] of samples.entries()) {
      const sample = await readSample(known);
      const { name, image, label, inputs } = sample;
      if (predictor.normalisation?.kind === "percentiles") checkWhole(name, label);
      const prediction = await predictor.predict(image, name, inputs);
      const { loss, pixels } = weightedLoss(prediction, label, weightsOf(i, label));
      const { probabilities } = prediction;
      const one = judge({ label, probabilities }, { objects });
      judged.push(one);
      found?.add(label, prediction);
      images.push({ name, loss: loss / pixels, wrongPixels: wrongPixels(one.confusion) });
      sums.loss += loss;
      sums.pixels += pixels;
      await onPrediction?.({ sample, prediction }, i);
    }
    const { vRand, vInfo, ...figures } = judgedFigures(judged);
    const classes = classFigures(sumConfusions(judged.map((one) => one.confusion)));
    const loss = sums.loss / sums.pixels;
    const more = { ...(objects ? { vRand, vInfo } : {}), ...found?.figures() };
    return { loss, ...figures, ...more, images, classes };
  };
}

/**
 * Returns the training loss (weighted-cross-entropy.ts) from probabilities: its sum, and its number
 * of pixels.
 */
function weightedLoss(
  { probabilities, width, height }: Prediction,
  { classes, data }: LabelMap,
  weightOf: (pixel: number) => number,
): { loss: number; pixels: number } {
  let loss = 0;
  let pixels = 0;
  const plane = width * height;
  for (let i = 0; i < plane; i++) {
    const weight = weightOf(i);
    if (weight <= 0 || data[i] >= classes) continue;
    // The smallest normal float32 replaces a probability that was rounded to 0.
    loss -= weight * Math.log(Math.max(probabilities[data[i] * plane + i], 1.2e-38));
    pixels++;
  }
  return { loss, pixels };
}
