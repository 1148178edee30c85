// Reads predictions and their labels for evaluation: first the reading is decided over all of them,
// then one pair is read after the other. If a file cannot be read only its pair is left out.

import { connectedComponents } from "../data/components.js";
import { isOutlineName } from "../data/file-names.js";
import { IGNORED, type LabelMap, type RawImage } from "../data/image-types.js";
import { decideLabels } from "../data/label-decide.js";
import {
  type LabelDecision,
  type LabelDeclaration,
  LabelError,
  LabelQuestion,
} from "../data/label-decision.js";
import { renumbered } from "../data/label-instances.js";
import { cellNumbers, readLabel } from "../data/label-read.js";
import { type LabelSurvey, surveyLabel } from "../data/label-survey.js";
import { proposalAt } from "../metrics/proposals.js";
import { matchObjects, type ObjectMatches } from "../objects/match-objects.js";
import { type ObjectLabels, objectLabels } from "../objects/object-labels.js";
import { createReader, type ImageReader, type ReadOptions } from "./image-files.js";
import { createLabelFiles, labelName } from "./label-files.js";
import type { FailedPair, PredictionPair } from "./predictions.js";

/** How the files of both sides are read. */
export interface Reading {
  readonly labels: LabelDecision;
  /** Left out if all predictions are probabilities. */
  readonly masks?: LabelDecision | undefined;
  /** The pairs whose files can be read. */
  readonly pairs: readonly PredictionPair[];
  readonly failed: readonly FailedPair[];
}

export interface JudgedPair {
  readonly label: LabelMap;
  /** For two classes, [height][width]; for a mask 0 and 1. */
  readonly probability?: Float32Array | undefined;
  /** For more classes: the predicted index of each pixel. */
  readonly predicted?: Uint8Array | undefined;
  /** If label or prediction distinguishes its cells by numbers. */
  readonly cells?: ObjectMatches | undefined;
  readonly remarks: readonly string[];
}

type Files = ReturnType<typeof createLabelFiles>;

/** The label and mask files of pairs, each read at most twice. */
export interface PairFiles {
  readonly labels: Files;
  readonly predictions: Files;
  /** Reads the side that outlines get their size from. */
  readonly size: ImageReader;
}

export function openPairFiles(options: ReadOptions = {}): PairFiles {
  const open = () => createLabelFiles(createReader(options));
  return { labels: open(), predictions: open(), size: createReader(options) };
}

/** Reads one side of a pair; outlines are drawn as large as the other side is. */
async function readPair(
  files: PairFiles,
  { label, prediction }: PredictionPair,
  side: "label" | "prediction",
): Promise<RawImage> {
  const [own, other] = side === "label" ? [label, prediction] : [prediction, label];
  const read = side === "label" ? files.labels.read : files.predictions.read;
  const isSized = !isOutlineName(own.image) || isOutlineName(other.image);
  return read(own, isSized ? undefined : await files.size(other));
}

/**
 * Surveys all files and decides how they are read. `declared` is what the user declares about the
 * labels; `isTyped`: including the number of classes, which then contradicts one number per cell.
 * Throws if no pair is left, or if the user must say what the files are.
 */
export async function decideReading(
  all: readonly PredictionPair[],
  files: PairFiles,
  declared: LabelDeclaration,
  { isTyped }: { readonly isTyped: boolean },
): Promise<Reading> {
  const failed: FailedPair[] = [];
  const surveyed: Surveyed[] = [];
  for (const pair of all) {
    try {
      const label = surveyLabel(await readPair(files, pair, "label"), labelName(pair.label));
      if (pair.isProbability) surveyed.push({ pair, label });
      else {
        const { prediction } = pair;
        const mask = surveyLabel(await readPair(files, pair, "prediction"), labelName(prediction));
        surveyed.push({ pair, label, mask });
      }
    } catch (error) {
      failed.push(failure(pair, error));
      if (failed.length === all.length) throw error;
    }
  }
  const labels = decideFor(surveyed, ({ label }) => label, failed, declared, isTyped);
  const own = { classes: labels.classes, classColours: declared.classColours };
  const { labelThreshold, labelChannel } = declared;
  const asked = { ...own, labelThreshold, labelChannel };
  const masks = surveyed.some(({ mask }) => mask)
    ? decideFor(surveyed, ({ mask }) => mask, failed, asked, false)
    : undefined;
  const pairs = surveyed.map(({ pair }) => pair);
  return { labels, ...(masks ? { masks } : {}), pairs, failed };
}

interface Surveyed {
  readonly pair: PredictionPair;
  readonly label: LabelSurvey;
  readonly mask?: LabelSurvey | undefined;
}

/**
 * Decides over one side of the pairs. A file that contradicts the others is left out with its pair,
 * which fails; if these are more than half, the set is wrong and not the file.
 */
function decideFor(
  pairs: Surveyed[],
  side: (pair: Surveyed) => LabelSurvey | undefined,
  failed: FailedPair[],
  declared: LabelDeclaration,
  isTyped: boolean,
): LabelDecision {
  const most = Math.floor(pairs.length / 2);
  let first: unknown;
  for (let left = 0; ; left++) {
    try {
      const surveys = pairs.map(side).filter((one) => one !== undefined);
      return decideToJudge(surveys, declared, isTyped);
    } catch (error) {
      first ??= error;
      const at =
        error instanceof LabelError ? pairs.findIndex((one) => side(one)?.name === error.file) : -1;
      if (at < 0 || left === most) throw first;
      failed.push(failure(pairs[at].pair, error));
      pairs.splice(at, 1);
    }
  }
}

function failure({ name }: PredictionPair, error: unknown): FailedPair {
  return { name, reason: error instanceof Error ? error.message : String(error) };
}

/**
 * Without training, one number per cell is accepted as such, with a remark, unless classes were
 * given.
 */
function decideToJudge(
  surveys: readonly LabelSurvey[],
  declared: LabelDeclaration,
  isTyped: boolean,
): LabelDecision {
  const fitting = whatFits(surveys, declared);
  try {
    return decideLabels(surveys, fitting);
  } catch (error) {
    const { classes = 2, ignore, labelChannel } = fitting;
    if (isTyped || classes > 2) throw error;
    const plain = { ignore, labelChannel };
    if (error instanceof LabelQuestion ? error.kind !== "instances" : !asksForCells(surveys, plain))
      throw error;
    return decideLabels(surveys, { ...plain, instances: true });
  }
}

function asksForCells(surveys: readonly LabelSurvey[], declared: LabelDeclaration): boolean {
  try {
    decideLabels(surveys, declared);
    return false;
  } catch (error) {
    return error instanceof LabelQuestion && error.kind === "instances";
  }
}

/** Threshold and channel are given for labels, masks or both: they apply to those that they fit. */
function whatFits(
  surveys: readonly LabelSurvey[],
  { labelThreshold, labelChannel, ...rest }: LabelDeclaration,
): LabelDeclaration {
  const inAlpha = surveys.some(({ alpha }) => alpha && alpha.values.length > 1);
  const channel = labelChannel && inAlpha ? { labelChannel } : {};
  if (labelThreshold === undefined) return { ...rest, ...channel };
  const planes = surveys.map(({ plane, nearGrey, alpha }) =>
    channel.labelChannel ? (alpha ?? plane) : (nearGrey ?? plane),
  );
  const isAbove = planes.some(({ high }) => high > labelThreshold);
  const isBelow = planes.some(({ low }) => low <= labelThreshold);
  return { ...rest, ...channel, ...(isAbove && isBelow ? { labelThreshold } : {}) };
}

/** Reads one pair. `threshold`: the one for masks of probabilities. */
export async function loadPair(
  files: PairFiles,
  pair: PredictionPair,
  { labels, masks }: Reading,
  threshold: number,
): Promise<JudgedPair> {
  const [file, path] = [labelName(pair.label), labelName(pair.prediction)];
  const rawLabel = await readPair(files, pair, "label");
  const raw = await readPair(files, pair, "prediction");
  if (raw.width !== rawLabel.width || raw.height !== rawLabel.height) {
    throw new Error(
      `${path} is ${raw.width}x${raw.height} but ${file} is ` +
        `${rawLabel.width}x${rawLabel.height}, expected equal sizes`,
    );
  }
  const { label, remarks } = readLabel(rawLabel, file, labels);
  if (pair.isProbability && labels.classes === 2) {
    const probability = probabilityOf(raw, path);
    const slice = { label, probability };
    const predicted = async () =>
      pair.objects === undefined
        ? componentsOf(proposalAt(slice, threshold), label)
        : storedObjects(await files.predictions.read(pair.objects), labelName(pair.objects), label);
    const cells =
      labels.reading === "instances"
        ? matchObjects(cellsOf(rawLabel, file, labels), await predicted(), countedOf(label))
        : undefined;
    return { ...slice, ...(cells ? { cells } : {}), remarks };
  }
  if (masks === undefined || pair.isProbability) {
    throw new Error(
      `${path}: it holds probabilities, expected a mask of ${labels.classes} classes`,
    );
  }
  const mask = readLabel(raw, path, masks);
  const all = [...remarks, ...mask.remarks];
  if (labels.classes > 2) return { label, predicted: mask.label.data, remarks: all };
  const numbered = [labels, masks].some(({ reading }) => reading === "instances");
  const cells = numbered
    ? matchObjects(
        numbersOrComponents(rawLabel, file, labels, label),
        numbersOrComponents(raw, path, masks, mask.label),
        countedOf(label),
      )
    : undefined;
  const probability = Float32Array.from(mask.label.data, (value) => Number(value === 1));
  return { label, probability, ...(cells ? { cells } : {}), remarks: all };
}

/** Returns cells by their numbers, or else the connected components. */
function numbersOrComponents(
  raw: RawImage,
  name: string,
  decision: LabelDecision,
  map: LabelMap,
): ObjectLabels {
  return decision.reading === "instances"
    ? cellsOf(raw, name, decision)
    : componentsOf(map.data, map);
}

function cellsOf(raw: RawImage, name: string, decision: LabelDecision): ObjectLabels {
  const { width, height } = raw;
  return objectLabels(renumbered(cellNumbers(raw, name, decision).numbers), width, height);
}

/** What `predict --objects` wrote of an image whose label is `label`. */
function storedObjects(raw: RawImage, path: string, label: LabelMap): ObjectLabels {
  const { width, height } = label;
  if (raw.width !== width || raw.height !== height || raw.channels !== 1) {
    throw new Error(
      `${path} is ${raw.width}x${raw.height} of ${raw.channels} channels, expected one number per ` +
        `cell, ${width}x${height} as its label`,
    );
  }
  return objectLabels(renumbered(raw.data), width, height);
}

function componentsOf(data: Uint8Array, { width, height }: LabelMap): ObjectLabels {
  return objectLabels(connectedComponents(data, width, height), width, height);
}

function countedOf({ data }: LabelMap): Uint8Array {
  return data.map((value) => Number(value !== IGNORED));
}

function probabilityOf({ channels, data, indices, maximum }: RawImage, path: string) {
  if (channels !== 1 && indices === undefined) {
    throw new Error(`${path}: it is a colour image, expected the probability of class 1 in grey`);
  }
  return Float32Array.from(indices ?? data, (value) => value / maximum);
}
