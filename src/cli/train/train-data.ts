// The samples of a run: read from folders, or drawn.

import { basename, dirname, resolve } from "node:path";
import type { ClassFields } from "../../data/classes.js";
import { folderRole, isImageName, stemOf } from "../../data/file-names.js";
import type { LabelDecision, LabelDeclaration } from "../../data/label-decision.js";
import { withBorders } from "../../data/label-instances.js";
import { missingClasses } from "../../data/label-missing.js";
import { selectValidation } from "../../data/pairs.js";
import { classesOf, type SampleFile } from "../../data/survey.js";
import { syntheticSample } from "../../data/synthetic.js";
import { syntheticNuclei } from "../../data/synthetic-nuclei.js";
import type { ObjectKind } from "../../data/task.js";
import { dataMemory } from "../../node/data-memory.js";
import type { DataDigests } from "../../node/digest.js";
import { findPairs } from "../../node/find-pairs.js";
import type { RunConfig } from "../../node/run-folder.js";
import { openSamples } from "../../node/samples.js";
import type { RunKind } from "../../train/recipes.js";
import type { Sample } from "../../train/training-types.js";
import { dataSize } from "../data-size.js";
import { declaresClasses, labelDeclaration } from "../options/class-options.js";
import { trainingReading } from "../options/image-options.js";
import { NUCLEI, SAMPLE } from "../options/sample.js";
import type { TrainOptions } from "./train-options.js";

export interface RunData {
  /** Where the samples come from, for `config.json`. */
  readonly source: RunConfig["data"];
  readonly training: (Sample | SampleFile)[];
  readonly validation: (Sample | SampleFile)[];
  /** The names of the sample's classes, if there are more than two and none were given. */
  readonly classNames?: readonly string[];
  /** The class colours of the labels' palettes, if none were given. */
  readonly classColours?: readonly string[];
  /** How the labels of folders are read. */
  readonly labels?: LabelDecision;
  /** Pixels that are read around the regions of large images, if other than usual. */
  readonly context?: number | undefined;
  /** Digests of the files' content; the embedded sample needs none. */
  readonly digests?: DataDigests;
  /** Sentences for the user. */
  readonly remarks: readonly string[];
}

/** Whether the options name data; otherwise the run trains on the embedded sample. */
export function namesData(folder: string | undefined, options: TrainOptions): boolean {
  return folder !== undefined || options.images !== undefined || options.labels !== undefined;
}

type DataOptions = Omit<TrainOptions, "validation"> & {
  readonly validation?: string | readonly string[];
  /** Of a network that already exists. */
  readonly channels?: number;
};

/**
 * Reads and splits the data that the options name. The classes are those that the options declare, else
 * those of the labels; `fields` are the classes that the options define; `context`: pixels around the regions of large
 * images. Throws one line if a class has
 * no pixel to train on.
 */
export async function loadFolders(
  folder: string | undefined,
  options: DataOptions,
  fields: ClassFields,
  context?: number,
): Promise<RunData> {
  const where = { folder, images: options.images, labels: options.labels };
  const found = await findPairs(where, trainingReading(options.pages, context));
  const data = await loadSplit(found, { ...options, context }, labelDeclaration(options, fields));
  const [training, heldOut] = [data.training, data.validation].map((samples) =>
    samples.map((sample) => classesOf(sample).counts),
  );
  const missing = data.labels && missingClasses(training, data.labels, heldOut, options.classNames);
  if (missing) throw new Error(`${options.labels ?? folder}: ${missing}`);
  return data;
}

/** Reads and splits the pairs; `known` is how the labels of an earlier run were read. */
export async function loadSplit(
  { pairs, warnings, source }: Awaited<ReturnType<typeof findPairs>>,
  options: Pick<DataOptions, "validation" | "pages" | "colour" | "channels"> & {
    readonly context?: number | undefined;
  },
  declared: LabelDeclaration,
  known?: LabelDecision,
): Promise<RunData> {
  const names = pairs.map(({ name }) => name);
  if (pairs.length === 1) {
    throw new Error(
      `${pairs[0].image}: it is the only image, expected at least 2: one to train on, one held out; an image of more than ` +
        "1,500 pixels can be cut into regions: --pages regions",
    );
  }
  const split = selectValidation(names, options.validation);
  const { pages, context, colour, channels } = options;
  const { samples, remarks, ...found } = await openSamples(pairs, {
    ...declared,
    ...trainingReading(pages, context),
    ...{ known, colour, channels },
    memory: dataMemory(),
  });
  const pick = (wanted: readonly string[]) => samples.filter(({ name }) => wanted.includes(name));
  return {
    source: { images: resolve(source.images), labels: resolve(source.labels) },
    training: pick(split.training),
    validation: pick(split.validation),
    context,
    ...found,
    remarks: [...warnings, ...remarks, dataSize(samples)],
  };
}

/** The options, with the classes of the labels if none were declared. */
export function withFoundClasses<T extends TrainOptions>(options: T, { labels }: RunData): T {
  return labels && !declaresClasses(options) ? { ...options, classes: labels.classes } : options;
}

/** What the run trains on. Throws one line if both data and a sample are named. */
export function runKind(folder: string | undefined, options: TrainOptions): RunKind {
  if (!namesData(folder, options)) return options.sample === "nuclei" ? "nuclei" : "sample";
  if (options.sample === undefined) return "data";
  throw new Error(
    `--sample ${options.sample}: got your own images as well; give only one of the two`,
  );
}

/** Throws one line if the embedded sample does not have that many classes. */
export function checkSampleClasses({ classes }: ClassFields): void {
  if (classes <= SAMPLE.classNames.length) return;
  throw new Error(
    `--classes: got ${classes}, but the embedded sample has 2 classes, or 3 with its mitochondria`,
  );
}

/** An embedded image of nuclei, with a label for a network of that kind. */
export function nucleiSample(kind: ObjectKind, seed: number, name: string): Sample {
  const { size } = NUCLEI;
  const { image, label, cells } = syntheticNuclei({ seed, width: size, height: size });
  if (kind === "gap") return { name, image, label };
  const data = withBorders(cells.labels, size, size);
  return { name, image, label: { width: size, height: size, classes: 3, data } };
}

/** The embedded images of nuclei, the same in every run, with labels for a network of that kind. */
export function drawNuclei(kind: ObjectKind): RunData {
  const { size, training, validation, seed } = NUCLEI;
  const samples = Array.from({ length: training + validation }, (_, index) => {
    const name = `nuclei-${String(index + 1).padStart(2, "0")}`;
    return nucleiSample(kind, seed + index, name);
  });
  return {
    source: "nuclei",
    training: samples.slice(0, training),
    validation: samples.slice(training),
    remarks: [
      `Training on the embedded nuclei, ${training} synthetic images of ${size} x ${size} pixels with ` +
        "cells that touch.",
    ],
  };
}

/** The embedded sample: drawn cells, the same in every run; with mitochondria if there are three classes. */
export function drawSample({ classes, classNames }: ClassFields): RunData {
  const drawn = classes > 2 ? 3 : 2;
  const draw = (index: number): Sample => ({
    name: `synthetic-${String(index + 1).padStart(2, "0")}`,
    ...syntheticSample({
      seed: SAMPLE.seed + index,
      width: SAMPLE.size,
      height: SAMPLE.size,
      classes: drawn,
    }),
  });
  const samples = Array.from({ length: SAMPLE.training + SAMPLE.validation }, (_, i) => draw(i));
  return {
    source: "sample",
    training: samples.slice(0, SAMPLE.training),
    validation: samples.slice(SAMPLE.training),
    ...(classes === 3 ? { classNames: classNames ?? SAMPLE.classNames } : {}),
    remarks: [
      `No data given: training on the embedded sample, ${SAMPLE.training} synthetic images of ` +
        `${SAMPLE.size} x ${SAMPLE.size} pixels. To use your own: --images DIR --labels DIR.`,
    ],
  };
}

/** The name of a run from its data: the stack or folder of the images, or that folder's parent. */
export function dataName(source: RunConfig["data"]): string {
  if (typeof source === "string") return source;
  const isUsual = (name: string) => folderRole(name) !== undefined || /^train(ing)?$/i.test(name);
  let folder = source.images;
  while (isUsual(basename(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  const name = basename(folder);
  return (isImageName(name) ? stemOf(name) : name) || "data";
}
