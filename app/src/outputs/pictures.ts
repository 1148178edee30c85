// Predictions as files: the same names and values as the command line's.

import {
  connectedComponents,
  imageFromRaw,
  outlinePicture,
  type Picture,
  type Prediction,
  predictedClasses,
  type RawImage,
} from "../../../src/index.js";
import { encodePng } from "../images/png.js";

/** A file to take home. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const grey = (
  { width, height }: Prediction,
  maximum: 255 | 65535,
  data: Uint8Array | Uint16Array,
): RawImage => ({ width, height, channels: 1, maximum, data });

/**
 * Mask, probability of class 1 (of each class where there are more than two) in 16 bits, numbered
 * components and the outlines over the image.
 */
export function predictionFiles(
  name: string,
  raw: RawImage,
  prediction: Prediction,
  threshold: number,
): OutputFile[] {
  const { width, height } = prediction;
  const indices = classesOf(prediction, threshold);
  const mask = prediction.classes === 2 ? indices.map((index) => 255 * index) : indices;
  const { labels } = connectedComponents(indices, width, height);
  const outline = outlinePicture(imageFromRaw(raw), { width, height, data: indices });
  return [
    { path: `${name}.png`, bytes: encodePng(grey(prediction, 255, mask)) },
    ...probabilityFiles(name, prediction),
    {
      path: `${name}-components.png`,
      bytes: encodePng(grey(prediction, 65535, Uint16Array.from(labels))),
    },
    { path: `${name}-overlay.png`, bytes: encodePng(rawOf(outline)) },
  ];
}

function rawOf({ width, height, data: rgba }: Picture): RawImage {
  const count = width * height;
  const data = new Uint8Array(3 * count);
  for (let i = 0; i < data.length; i++) data[i] = rgba[4 * (i % count) + Math.floor(i / count)];
  return { width, height, channels: 3, maximum: 255, data };
}

/** The class of each pixel; a threshold counts where there are two classes. */
export function classesOf({ probabilities, classes }: Prediction, threshold: number): Uint8Array {
  return predictedClasses(probabilities, classes, classes === 2 ? threshold : 0.5);
}

/** `<name>-probability.png`, of more than two classes `<name>-probability-<class>.png`. */
export function probabilityFiles(name: string, prediction: Prediction): OutputFile[] {
  const { width, height, classes, probabilities } = prediction;
  const indices = classes === 2 ? [1] : Array.from({ length: classes }, (_, index) => index);
  return indices.map((index) => {
    const plane = probabilities.subarray(index * width * height, (index + 1) * width * height);
    const data = Uint16Array.from(plane, (value) => Math.round(65535 * value));
    const path = classes === 2 ? `${name}-probability.png` : `${name}-probability-${index}.png`;
    return { path, bytes: encodePng(grey(prediction, 65535, data)) };
  });
}
