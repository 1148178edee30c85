// Test-time mean over turned and flipped views (Ronneberger et al. 2015, section 4.1: seven).

import type { StoredImage } from "../data/image-types.js";
import { fromSymmetricView, SYMMETRIES, symmetricView } from "../data/symmetric-views.js";
import type { Prediction } from "../train/training-types.js";

type Predict = (image: StoredImage, name: string) => Promise<Prediction>;

/** Throws where `count` is not a whole number from 1 to 8. */
export function checkSymmetries(count: number): void {
  if (Number.isInteger(count) && count >= 1 && count <= SYMMETRIES) return;
  throw new RangeError(`symmetries: got ${count}, expected a whole number from 1 to ${SYMMETRIES}`);
}

/**
 * Predicts the first `count` views of an image (`symmetricView`) and gives the mean of their
 * probabilities, each turned back.
 */
export function overSymmetries(predict: Predict, count: number): Predict {
  return async (image, name) => {
    let total = new Float64Array();
    let classes = 0;
    for (let index = 0; index < count; index++) {
      const view = { ...image, ...symmetricView(image, index), channels: image.channels };
      const prediction = await predict(view, name);
      classes = prediction.classes;
      const { width, height, probabilities } = prediction;
      const planes = { width, height, channels: classes, data: probabilities };
      const { data } = fromSymmetricView(planes, index);
      if (index === 0) total = new Float64Array(data.length);
      for (let i = 0; i < data.length; i++) total[i] += data[i];
    }
    const probabilities = Float32Array.from(total, (value) => value / count);
    return { width: image.width, height: image.height, classes, probabilities };
  };
}
