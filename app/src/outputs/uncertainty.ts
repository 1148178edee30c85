// The uncertainty of a prediction, and the label that results from accepting it.

import { IGNORED, type LabelMap, type Prediction } from "../../../src/index.js";
import type { ProjectImage } from "../state/project-types.js";
import { classesOf } from "./pictures.js";

/** Entropy of the class probabilities of a pixel, 0 (certain) to 1 (all equal). */
export function entropyAt(
  { width, height, classes, probabilities }: Prediction,
  pixel: number,
): number {
  let sum = 0;
  for (let index = 0; index < classes; index++) {
    const p = probabilities[index * width * height + pixel];
    if (p > 0) sum -= p * Math.log(p);
  }
  return sum / Math.log(classes);
}

/** The mean entropy of an image's pixels. */
export function meanEntropy(prediction: Prediction): number {
  const count = prediction.width * prediction.height;
  let sum = 0;
  for (let pixel = 0; pixel < count; pixel++) sum += entropyAt(prediction, pixel);
  return sum / count;
}

/** The label with all unlabelled pixels filled with the predicted class. */
export function accepted(
  { raw, label }: ProjectImage,
  prediction: Prediction,
  threshold: number,
): LabelMap {
  const predicted = classesOf(prediction, threshold);
  const data = predicted.map((index, pixel) => {
    const own = label?.data[pixel] ?? IGNORED;
    return own === IGNORED ? index : own;
  });
  return { width: raw.width, height: raw.height, classes: prediction.classes, data };
}

/** Images with their uncertainty, the most uncertain first; then those without a prediction. */
export function byUncertainty(
  images: readonly ProjectImage[],
  predictions: Readonly<Record<string, { readonly uncertainty: number }>>,
): { readonly image: ProjectImage; readonly uncertainty: number | undefined }[] {
  return images
    .map((image) => ({ image, uncertainty: predictions[image.name]?.uncertainty }))
    .sort((a, b) => (b.uncertainty ?? -1) - (a.uncertainty ?? -1));
}
