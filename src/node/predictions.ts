// What was predicted, and the labels to judge it by: files paired by stem.

import { basename } from "node:path";
import { stemOf } from "../data/file-names.js";
import { naturalOrder, someNames } from "../data/pairs.js";
import { findImages, type ImageFile, type ReadOptions } from "./image-files.js";
import { isOneStack } from "./pairs.js";

/** A prediction, and its label. */
export interface PredictionPair {
  readonly name: string;
  /** `<name>-probability.png` where it is, else `<name>.png`. */
  readonly prediction: ImageFile;
  /** Whether it holds probabilities; else it is a mask, of this program or another. */
  readonly isProbability: boolean;
  readonly label: ImageFile;
}

/** A pair that could not be judged, and the sentence that says why. */
export interface FailedPair {
  readonly name: string;
  readonly reason: string;
}

/** What `predict` adds to a name, beside the mask's own. */
const ADDED = /-(probability|probability-\d+|components|outlines|overlay|colours)$/;

/**
 * The predictions of a folder with their labels, in natural order. A label without a prediction is
 * a remark; files that cannot be opened have `failed`, and are no pair with what is left. Errors: a
 * folder that is missing or holds no image, a prediction without a label, no pair at all.
 */
export async function findPredictions(
  folder: string,
  labels: string,
  options: ReadOptions = {},
): Promise<{ pairs: PredictionPair[]; remarks: string[]; failed: FailedPair[] }> {
  const failed = new Map<string, Error>();
  const onProblem = (path: string, error: Error) => {
    failed.set(stemOf(basename(path)).replace(ADDED, ""), error);
  };
  const files = byName(await findImages(folder, { ...options, withResults: true, onProblem }));
  const stems = [...files.keys()].map((name) => name.replace(ADDED, ""));
  const labelFiles = byName(named(await findImages(labels, { ...options, onProblem }), stems));
  const nameOf = (stem: string) => (labelFiles.has(stem) ? stem : stem.replace(ADDED, ""));
  const strangers = [...files.keys()]
    .map(nameOf)
    .filter((name) => !labelFiles.has(name) && !failed.has(name));
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
    if (failed.has(name)) continue;
    const probability = files.get(`${name}-probability`);
    const prediction = probability ?? files.get(name);
    const isProbability = probability !== undefined;
    if (prediction !== undefined) pairs.push({ name, prediction, label, isProbability });
    else missing.push(name);
  }
  const [[, problem] = []] = failed;
  if (pairs.length === 0 && problem) throw problem;
  if (pairs.length === 0) {
    throw new Error(
      `${folder}: it holds ${someNames([...files.keys()])}, expected <stem>-probability.png or ` +
        `<stem>.png for labels such as ${missing[0]}`,
    );
  }
  const remark =
    `${labels}: ${missing.length} of ${labelFiles.size} labels have no prediction in ${folder} ` +
    `and are left out (${someNames(missing)})`;
  const reasons = [...failed].map(([name, { message }]) => ({ name, reason: message }));
  return { pairs, remarks: missing.length > 0 ? [remark] : [], failed: reasons };
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
