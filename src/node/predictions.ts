// What was predicted, and the labels to judge it by: files paired by stem.

import { type LabelOptions, labelFromImage } from "../data/labels.js";
import { naturalOrder, someNames } from "../data/pairs.js";
import type { LabelMap, RawImage } from "../data/types.js";
import type { Slice } from "../metrics/proposals.js";
import { findImages, type ImageFile, type ImageReader, type ReadOptions } from "./image-files.js";
import { isOneStack } from "./pairs.js";

/** A prediction, and its label. */
export interface PredictionPair {
  readonly name: string;
  /** `<name>-probability.png` where it is, else `<name>.png`. */
  readonly prediction: ImageFile;
  readonly label: ImageFile;
}

/** What `predict` adds to a name, beside the mask's own. */
const ADDED = /-(probability|probability-\d+|components|outlines|overlay|colours)$/;

/**
 * The predictions of a folder with their labels, in natural order. A label without a prediction is
 * a remark. Errors: a folder that is missing or holds no image, a prediction without a label.
 */
export async function findPredictions(
  folder: string,
  labels: string,
  options: ReadOptions = {},
): Promise<{ pairs: PredictionPair[]; remarks: string[] }> {
  const files = byName(await findImages(folder, options));
  const stems = [...files.keys()].map((name) => name.replace(ADDED, ""));
  const labelFiles = byName(named(await findImages(labels, options), stems));
  const nameOf = (stem: string) => (labelFiles.has(stem) ? stem : stem.replace(ADDED, ""));
  const strangers = [...files.keys()].map(nameOf).filter((name) => !labelFiles.has(name));
  if (strangers.length > 0) {
    const names = [...new Set(strangers)].sort(naturalOrder);
    throw new Error(
      `${folder}: no label in ${labels} for ${names.length} of its predictions ` +
        `(${someNames(names)}), expected a file of the same stem for each`,
    );
  }
  const pairs: PredictionPair[] = [];
  const missing: string[] = [];
  for (const [name, label] of labelFiles) {
    const prediction = files.get(`${name}-probability`) ?? files.get(name);
    if (prediction !== undefined) pairs.push({ name, prediction, label });
    else missing.push(name);
  }
  if (pairs.length === 0) {
    throw new Error(
      `${folder}: it holds ${someNames([...files.keys()])}, expected <stem>-probability.png or ` +
        `<stem>.png for labels such as ${missing[0]}`,
    );
  }
  const remark =
    `${labels}: ${missing.length} of ${labelFiles.size} labels have no prediction in ${folder} ` +
    `and are left out (${someNames(missing)})`;
  return { pairs, remarks: missing.length > 0 ? [remark] : [] };
}

function byName(files: readonly ImageFile[]): Map<string, ImageFile> {
  return new Map(files.map((file) => [file.name, file]));
}

/**
 * The pages of one stack of labels under the names of the predictions, where those are of one stack
 * that is called otherwise: train-labels-07 becomes train-volume-07.
 */
function named(labels: readonly ImageFile[], stems: readonly string[]): readonly ImageFile[] {
  const stacks = new Set(stems.map((stem) => stem.replace(/-\d+$/, "")));
  if (!isOneStack(labels) || stacks.size !== 1) return labels;
  const [stack] = stacks;
  return labels.map((label) => {
    return { ...label, name: label.name.replace(/^.*(?=-\d+$)/, () => stack) };
  });
}

/**
 * Reads a label of two classes and its prediction, whose grey over the largest value of its bit
 * depth is the probability of class 1; a mask of 0 and 1 is taken as it is. Errors name the file:
 * unreadable, sizes that differ, values that are no class.
 */
export async function loadSlice(
  read: ImageReader,
  pair: PredictionPair,
  options: Omit<LabelOptions, "classes"> = {},
): Promise<Slice> {
  const { label, raw } = await loadBoth(read, pair, { ...options, classes: 2 });
  return { label, probability: probabilityOf(raw, pair.prediction.image) };
}

/**
 * Reads a label of several classes and the predicted class indices, [height][width]. Errors as
 * those of `loadSlice`.
 */
export async function loadClasses(
  read: ImageReader,
  pair: PredictionPair,
  options: LabelOptions,
): Promise<{ label: LabelMap; predicted: Uint8Array }> {
  const { label, raw } = await loadBoth(read, pair, options);
  const { classes, colours } = options;
  const predicted = labelFromImage(raw, pair.prediction.image, { classes, colours }).label.data;
  return { label, predicted };
}

async function loadBoth(
  read: ImageReader,
  { prediction, label: file }: PredictionPair,
  options: LabelOptions,
): Promise<{ label: LabelMap; raw: RawImage }> {
  const { label } = labelFromImage(await read(file), file.image, options);
  const raw = await read(prediction);
  if (raw.width !== label.width || raw.height !== label.height) {
    throw new Error(
      `${prediction.image} is ${raw.width}x${raw.height} but ${file.image} is ` +
        `${label.width}x${label.height}, expected equal sizes`,
    );
  }
  return { label, raw };
}

function probabilityOf({ channels, data, indices, maximum }: RawImage, path: string): Float32Array {
  if (channels !== 1 && indices === undefined) {
    throw new Error(`${path}: it is a colour image, expected the probability of class 1 in grey`);
  }
  const values = indices ?? data;
  const isMask = values.every((value: number) => value < 2);
  return Float32Array.from(values, (value) => (isMask ? value : value / maximum));
}
