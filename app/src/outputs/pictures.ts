// Predictions as files: the same names and values as the command line's.

import { encodePalettePng, encodePng, picturePng } from "../../../src/formats/png/index.js";
import {
  classesJson,
  classLegend,
  PREDICTION_OUTPUTS,
  type Prediction,
  predictedClasses,
  type RawImage,
} from "../../../src/index.js";
import { classFields } from "../state/classes.js";
import type { ClassInfo } from "../state/project-types.js";

/** A file to download. */
export interface OutputFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The outputs of a prediction that the app offers. */
export const OUTPUTS = PREDICTION_OUTPUTS.filter(({ appWords }) => appWords !== undefined);

/** A requested picture. */
export interface PictureRequest {
  /** Name of the output. */
  readonly kind: string;
  /** Name of the image. */
  readonly name: string;
  readonly raw: RawImage;
  readonly prediction: Prediction;
  readonly threshold: number;
  readonly classes: readonly ClassInfo[];
}

/** The files of one kind: one, or several if there are more than two classes. */
export function predictionFiles(request: PictureRequest): OutputFile[] {
  const { kind, name, raw: image, prediction, threshold } = request;
  const { classes, probabilities } = prediction;
  const indices = classesOf(prediction, threshold);
  // As in the network's file, so that `micrograph predict` makes the same pictures.
  const { colours } = classLegend(classFields(request.classes));
  const output = OUTPUTS.find((one) => one.name === kind);
  if (!output) throw new Error(`no picture is called ${kind}`);
  const predicted = { image, probabilities, classes, indices, colours };
  const { files } = output.encode(predicted, { encodePng, encodePalettePng, picturePng });
  return files.map(({ suffix, bytes }) => ({ path: `${name}${suffix}`, bytes }));
}

/** `classes.json`, with which `micrograph evaluate` reads the masks: their classes and threshold. */
export function classFiles([first]: readonly PictureRequest[]): OutputFile[] {
  if (!first) return [];
  const fields = classFields(first.classes);
  const threshold = fields.classes === 2 ? first.threshold : undefined;
  const bytes = new TextEncoder().encode(classesJson({ ...fields, threshold }));
  return [{ path: "classes.json", bytes }];
}

/** The class of each pixel; the threshold applies only to two classes. */
export function classesOf({ probabilities, classes }: Prediction, threshold: number): Uint8Array {
  return predictedClasses(probabilities, classes, classes === 2 ? threshold : 0.5);
}
