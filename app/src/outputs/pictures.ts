// Predictions as files: the same names and values as the command line's.

import { encodePalettePng, encodePng, picturePng } from "../../../src/formats/png/index.js";
import {
  classesJson,
  classLegend,
  connectedComponents,
  outlinePicture,
  type Prediction,
  predictedClasses,
  type RawImage,
  tintedPicture,
} from "../../../src/index.js";
import { encodeTiff } from "../files/tiff-file.js";
import { classFields } from "../state/classes.js";
import type { ClassInfo } from "../state/project-types.js";

/** A file to download. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The pictures of a prediction, by what they show. */
export const KINDS = ["mask", "probability", "components", "overlay"] as const;
export type Kind = (typeof KINDS)[number];

/** A picture that somebody asks for. */
export interface PictureRequest {
  readonly kind: Kind;
  /** Of the image. */
  readonly name: string;
  readonly raw: RawImage;
  readonly prediction: Prediction;
  readonly threshold: number;
  readonly classes: readonly ClassInfo[];
}

/** The files of one kind: one, but for masks and probabilities of more than two classes. */
export function predictionFiles(request: PictureRequest): OutputFile[] {
  const { kind, name, raw, prediction, threshold } = request;
  const { width, height, classes } = prediction;
  const indices = classesOf(prediction, threshold);
  // What the network's file says: with it `micrograph predict` makes the same pictures.
  const palette = classLegend(classFields(request.classes)).colours;
  const grey = { width, height, channels: 1 } as const;
  switch (kind) {
    case "mask": {
      const data = classes === 2 ? indices.map((index) => 255 * index) : indices;
      const mask = { path: `${name}.png`, bytes: encodePng({ ...grey, bitDepth: 8, data }) };
      if (classes === 2) return [mask];
      const bytes = encodePalettePng({ width, height, indices, palette });
      return [mask, { path: `${name}-colours.png`, bytes }];
    }
    case "probability":
      return probabilityFiles(name, prediction);
    case "components": {
      const { labels, count } = connectedComponents(indices, width, height);
      if (count < 2 ** 16) {
        const bytes = encodePng({ ...grey, bitDepth: 16, data: labels });
        return [{ path: `${name}-components.png`, bytes }];
      }
      // A PNG file has no room for so many.
      const data = Uint32Array.from(labels);
      const bytes = encodeTiff({ ...grey, maximum: 2 ** 32 - 1, data });
      return [{ path: `${name}-components.tif`, bytes }];
    }
    case "overlay": {
      const map = { width, height, data: indices };
      const draw = classes === 2 ? outlinePicture : tintedPicture;
      const picture = draw(raw, map, palette);
      return [{ path: `${name}-overlay.png`, bytes: picturePng(picture) }];
    }
  }
}

/** `classes.json`, by which `micrograph evaluate` reads the masks: their classes, and their threshold. */
export function classFiles([first]: readonly PictureRequest[]): OutputFile[] {
  if (!first) return [];
  const fields = classFields(first.classes);
  const threshold = fields.classes === 2 ? first.threshold : undefined;
  const bytes = new TextEncoder().encode(classesJson({ ...fields, threshold }));
  return [{ path: "classes.json", bytes }];
}

/** The class of each pixel; a threshold counts where there are two classes. */
export function classesOf({ probabilities, classes }: Prediction, threshold: number): Uint8Array {
  return predictedClasses(probabilities, classes, classes === 2 ? threshold : 0.5);
}

/** `<name>-probability.png`, of more than two classes `<name>-probability-<class>.png`. */
function probabilityFiles(name: string, prediction: Prediction): OutputFile[] {
  const { width, height, classes, probabilities } = prediction;
  const indices = classes === 2 ? [1] : Array.from({ length: classes }, (_, index) => index);
  return indices.map((index) => {
    const plane = probabilities.subarray(index * width * height, (index + 1) * width * height);
    // In 64 bits: the rounding to 1/65535 is the only one.
    const data = Float64Array.from(plane, (value) => 65535 * value);
    const path = classes === 2 ? `${name}-probability.png` : `${name}-probability-${index}.png`;
    return { path, bytes: encodePng({ width, height, channels: 1, bitDepth: 16, data }) };
  });
}
