// How unsure a prediction is, and what accepting it makes of a label.

import { IGNORED, type LabelMap, type Prediction } from "../../../src/index.js";
import { classesOf } from "../outputs/pictures.js";
import type { ProjectImage } from "../state/types.js";

/** Entropy of the classes of each pixel, 0 (sure) to 1 (all alike): [height][width]. */
export function entropyMap({ width, height, classes, probabilities }: Prediction): Float32Array {
  const count = width * height;
  const scale = 1 / Math.log(classes);
  const map = new Float32Array(count);
  for (let pixel = 0; pixel < count; pixel++) {
    let sum = 0;
    for (let index = 0; index < classes; index++) {
      const p = probabilities[index * count + pixel];
      if (p > 0) sum -= p * Math.log(p);
    }
    map[pixel] = scale * sum;
  }
  return map;
}

/** The mean entropy of an image's pixels. */
export function uncertainty(prediction: Prediction): number {
  const map = entropyMap(prediction);
  let sum = 0;
  for (const value of map) sum += value;
  return sum / map.length;
}

/** The label with the predicted class wherever nobody has labelled. */
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

/** Images with their uncertainty, the most unsure first; then those without a prediction. */
export function byUncertainty<P extends Prediction>(
  images: readonly ProjectImage[],
  predictions: Readonly<Record<string, P>>,
): { readonly image: ProjectImage; readonly uncertainty: number | undefined }[] {
  return images
    .map((image) => {
      const prediction = predictions[image.name];
      return { image, uncertainty: prediction && uncertainty(prediction) };
    })
    .sort((a, b) => (b.uncertainty ?? -1) - (a.uncertainty ?? -1));
}
