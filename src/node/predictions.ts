// Pairs predictions with the labels for their evaluation, by stem.

import { basename } from "node:path";
import { labelStemOf, NAME_RULES } from "../data/file-names.js";
import { pageSuffix } from "../data/match-names.js";
import { naturalOrder, someNames } from "../data/pairs.js";
import { PREDICTION_OUTPUTS } from "../outputs/prediction-outputs.js";
import { isOneStack } from "./find-pairs.js";
import { findImages, findLabels, type ImageFile, type ReadOptions } from "./image-files.js";
import { type PredictedStore, predictedStores } from "./predicted-stores.js";

/** A prediction, and its label. */
export interface PredictionPair {
  readonly name: string;
  /** `<name>-probability.png` if it exists, else `<name>.png`. */
  readonly prediction: ImageFile;
  /** Whether it contains probabilities; else it is a mask, of this program or another. */
  readonly isProbability: boolean;
  /** `<name>-objects.tif`, where `predict --objects` wrote it: single cells by number. */
  readonly objects?: ImageFile | undefined;
  readonly label: ImageFile;
}

/** A pair that could not be evaluated, and a sentence that says why. */
export interface FailedPair {
  readonly name: string;
  readonly reason: string;
}

/** The suffixes of `predict`: "-probability", "-probability-2", "-colours". */
const ADDED = new RegExp(`(${addedWords().join("|")})(-\\d+)?$`);

function addedWords(): string[] {
  const suffixes = PREDICTION_OUTPUTS.flatMap((output) => output.suffixes(3));
  const words = suffixes.map((suffix) => suffix.replace(/(-\d+)?\.\w+$/, ""));
  return [...new Set(words)].filter((word) => word !== "");
}

/**
 * Returns the predictions of a folder with their labels, in natural order of the labels' names: by
 * the rules of `pairFiles`, so that masks of other programs may have a word such as _cp_masks.
 * `ofCells`: single cells are judged, so label images of objects come before masks.
 * Files without a partner give a remark. Throws if a folder is missing or contains no image, if
 * there is no pair, and if two masks match one label.
 */
export async function findPredictions(
  folder: string,
  labels: string,
  options: ReadOptions & { readonly ofCells?: boolean | undefined } = {},
): Promise<{ pairs: PredictionPair[]; remarks: string[]; reading: ReadOptions }> {
  const stores = await predictedStores(folder);
  if (stores.length > 0) return findPredictedSlides(stores, folder, labels, options.pages);
  const finding = { pages: options.pages, unreadable: "keep" } as const;
  const predictions = await findLabels(folder, finding);
  const names = new Set(predictions.map(({ name }) => name));
  const stemOfResult = (name: string) => name.replace(ADDED, "");
  const labelFiles = named(
    await findLabels(labels, finding),
    predictions.map(({ name }) => stemOfResult(name)),
  );
  // A label may have such a name itself: suffixes of predict are only removed if there is no such
  // label.
  const own = new Set(labelFiles.map(({ name }) => name));
  const masks = new Map<string, ImageFile>();
  for (const file of predictions) {
    const stem = own.has(file.name) ? file.name : stemOfResult(file.name);
    // The mask itself, or without one the probabilities. Pictures are not predictions.
    if (stem === file.name) masks.set(stem, file);
    else if (!names.has(stem) && file.name === `${stem}-probability`) masks.set(stem, file);
  }
  const matched = matchLabels([...masks.keys()], labelFiles);
  const byName = new Map(predictions.map((file) => [file.name, file]));
  const pairs = matched.map(({ stem, label }): PredictionPair => {
    const probability = byName.get(`${stem}-probability`);
    const objects = byName.get(`${stem}-objects`);
    // A network with a class for borders has no one probability of a cell.
    const cells = options.ofCells ? objects : undefined;
    const prediction = probability ?? cells ?? (masks.get(stem) as ImageFile);
    const isProbability = probability !== undefined;
    return { name: stem, prediction, label, isProbability, ...(objects ? { objects } : {}) };
  });
  const judged = new Set(matched.map(({ stem }) => stem));
  const strangers = [...masks.keys()].filter((stem) => !judged.has(stem)).sort(naturalOrder);
  const taken = new Set(matched.map(({ label }) => label));
  const missing = labelFiles.filter((label) => !taken.has(label)).map(({ name }) => name);
  if (pairs.length === 0) {
    throw new Error(
      `${folder}: it holds ${someNames(strangers)}, and ${labels} labels for ${someNames(missing)}: ` +
        "no names match, expected <name>-probability.png or <name>.png",
    );
  }
  const remarks = [
    ...(missing.length > 0
      ? [
          `${labels}: ${missing.length} of ${labelFiles.length} labels have no prediction in ` +
            `${folder} and are left out (${someNames(missing)})`,
        ]
      : []),
    ...(strangers.length > 0 ? [strangersRemark(folder, labels, strangers)] : []),
  ];
  return { pairs, remarks, reading: { pages: options.pages } };
}

/** Slides of more pixels are judged in regions. */
const MOST_PIXELS = 2 ** 25;

/** The slides among predictions with their labels: by name, or one with one. */
async function findPredictedSlides(
  stores: readonly PredictedStore[],
  folder: string,
  labels: string,
  pages: ReadOptions["pages"],
): ReturnType<typeof findPredictions> {
  const reading = { pages, regions: MOST_PIXELS, stores: MOST_PIXELS, context: 0 };
  const labelFiles = await findLabels(labels, { ...reading, unreadable: "keep" });
  const isOnlyOne = new Set(labelFiles.map(({ image }) => image)).size === 1 && stores.length === 1;
  const remarks: string[] = [];
  const pairs: PredictionPair[] = [];
  for (const { name, path, classes, mask, objects } of stores) {
    const isProbability = classes.classes === 2;
    const image = isProbability ? path : mask;
    const own = isOnlyOne ? labelFiles : labelsOf(name, labelFiles);
    for (const [i, { name: _, ...prediction }] of (await findImages(image, reading)).entries()) {
      const label = own[i];
      if (label === undefined) continue;
      const { page } = prediction;
      const single = page === undefined ? name : `${name}${pageSuffix(page, own.length)}`;
      pairs.push({
        ...{ name: single, prediction: { ...prediction, name: single }, label, isProbability },
        ...(objects ? { objects: { ...prediction, name: single, image: objects } } : {}),
      });
    }
  }
  const missing = stores.filter(({ name }) => !pairs.some((pair) => pair.name.startsWith(name)));
  if (pairs.length === 0) {
    throw new Error(
      `${folder}: it holds ${someNames(missing.map(({ name }) => name))}, and ${labels} labels for ` +
        `${someNames(labelFiles.map(({ name }) => name))}: no names match, expected those of the slides`,
    );
  }
  if (missing.length > 0)
    remarks.push(
      strangersRemark(
        folder,
        labels,
        missing.map(({ name }) => name),
      ),
    );
  return { pairs, remarks, reading };
}

/** The pages of the label of a slide. */
function labelsOf(name: string, labels: readonly ImageFile[]): readonly ImageFile[] {
  for (const rule of NAME_RULES) {
    const found = labels.filter(
      ({ image }) => rule.label(labelStemOf(basename(image))) === rule.image(name),
    );
    if (new Set(found.map(({ image }) => image)).size === 1) return found;
  }
  return [];
}

function strangersRemark(folder: string, labels: string, names: readonly string[]): string {
  const [count, has, are] =
    names.length === 1
      ? ["1 prediction", "has", "is"]
      : [`${names.length} predictions`, "have", "are"];
  return `${folder}: ${count} ${has} no label in ${labels} and ${are} left out (${someNames(names)})`;
}

/** Returns labels with the stems of predictions, in the labels' order. */
function matchLabels(
  stems: readonly string[],
  labels: readonly ImageFile[],
): { stem: string; label: ImageFile }[] {
  const matched = new Map<ImageFile, string>();
  const free = new Set(stems);
  for (const rule of NAME_RULES) {
    const byKey = new Map<string, string[]>();
    for (const stem of free) {
      const key = rule.label(stem);
      byKey.set(key, [...(byKey.get(key) ?? []), stem]);
    }
    for (const label of labels) {
      if (matched.has(label)) continue;
      // A word that marks a label comes before the number of a page.
      const file = labelStemOf(basename(label.image));
      const page = label.page === undefined ? "" : label.name.slice(label.name.lastIndexOf("-"));
      const key =
        page === "" ? rule.label(file) : rule.label(label.name.slice(0, -page.length)) + page;
      const found = (byKey.get(key) ?? []).filter((stem) => free.has(stem));
      if (found.length === 0) continue;
      if (found.length > 1 && !rule.strict) continue;
      if (found.length > 1) {
        throw new Error(
          `${found[0]} and ${found[1]} are both predictions for ${label.image}, expected one`,
        );
      }
      matched.set(label, found[0]);
      free.delete(found[0]);
    }
  }
  return labels.flatMap((label) => {
    const stem = matched.get(label);
    return stem === undefined ? [] : [{ stem, label }];
  });
}

/**
 * Returns the pages of one stack of labels under the names of the predictions, if those are of one
 * stack with another name: train-labels-07 becomes train-volume-07.
 */
function named(labels: readonly ImageFile[], stems: readonly string[]): readonly ImageFile[] {
  const stacks = new Set(stems.map((stem) => stem.replace(/-\d+$/, "")));
  if (!isOneStack(labels) || stacks.size !== 1) return labels;
  const [stack] = stacks;
  return labels.map((label) => {
    return { ...label, name: label.name.replace(/^.*(?=-\d+$)/, () => stack) };
  });
}
