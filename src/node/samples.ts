// Reads image and label files as samples: in memory as far as there is room, else by references to
// the files.

import { checkKeys, type Keys } from "../arguments/keys.js";
import {
  applyColour,
  type ColourRule,
  type ColourSurvey,
  type Colours,
  colourFor,
  decideColour,
  fittedRemarks,
  notFiniteRemarks,
  surveyColour,
} from "../data/colour-rule.js";
import { isOutlineName } from "../data/file-names.js";
import type { RawImage, Sample } from "../data/image-types.js";
import { decideLabels } from "../data/label-decide.js";
import type { LabelDecision, LabelDeclaration } from "../data/label-decision.js";
import { readLabel } from "../data/label-read.js";
import { type LabelSurvey, surveyLabel } from "../data/label-survey.js";
import { type SampleFile, surveySample } from "../data/survey.js";
import { collectDigests, type DataDigests } from "./digest.js";
import type { PairedFiles } from "./find-pairs.js";
import { createReader, type ImageFile, type ImageReader, type ReadOptions } from "./image-files.js";
import { createLabelFiles, labelName } from "./label-files.js";
import {
  createSampleReader,
  type SampleSource,
  sharedImage,
  withoutPalette,
} from "./sample-files.js";
import { shared } from "./shared-memory.js";

/** Samples of which those that do not fit in memory are read when needed. */
export interface OpenedSamples {
  /** In the order of the pairs. */
  readonly samples: (Sample | SampleFile)[];
  /** How all labels are read. */
  readonly labels: LabelDecision;
  /** Whole sentences on assumptions: how the labels mark their classes. */
  readonly remarks: string[];
  /** The class colours, "#rrggbb", from the labels' palettes; absent if colours were given. */
  readonly classColours?: readonly string[] | undefined;
  /** To detect, when a run is resumed, that files have changed. */
  readonly digests: DataDigests;
}

/** Samples in memory. */
export interface LoadedSamples extends OpenedSamples {
  /** In the order of the pairs. */
  readonly samples: Sample[];
}

/** How the files are read. */
export interface LoadOptions extends LabelDeclaration, ReadOptions {
  /** How the labels were read before. */
  readonly known?: LabelDecision | undefined;
  /** How grey and RGB images are read if the set does not decide it. */
  readonly colour?: Colours | undefined;
  /** The number of channels of an existing network, which then decides it. */
  readonly channels?: number | undefined;
}

const OPTIONS: Keys<LoadOptions> = {
  pages: 1,
  regions: 1,
  stores: 1,
  context: 1,
  classes: 1,
  classNames: 1,
  classColours: 1,
  ignore: 1,
  instances: 1,
  objects: 1,
  labelThreshold: 1,
  labelChannel: 1,
  known: 1,
  colour: 1,
  channels: 1,
};

/**
 * Reads the files of pairs. First all labels are surveyed together, and the declarations in the
 * options apply to them; a `known` decision is that of an earlier run. Images keep the numbers of
 * their files (`imageFromRaw` converts them), in memory shared between threads. Throws, naming the
 * file, for unreadable files, sizes or channels that differ, and values or colours that are not a
 * class; throws a `LabelQuestion` if the user must say what the labels are.
 */
export async function loadSamples(
  pairs: readonly PairedFiles[],
  options: LoadOptions = {},
): Promise<LoadedSamples> {
  checkKeys("loadSamples", options, OPTIONS);
  const memory = Number.POSITIVE_INFINITY;
  const { samples, ...rest } = await openSamples(pairs, { ...options, memory });
  return { samples: samples.filter((one): one is Sample => !("read" in one)), ...rest };
}

/**
 * Like `loadSamples`, but if images and labels together take more than `memory` bytes, only the
 * first ones are in memory and the others are read when needed.
 */
export async function openSamples(
  pairs: readonly PairedFiles[],
  options: LoadOptions & { readonly memory: number },
): Promise<OpenedSamples> {
  const readImage = createReader(options);
  const { images, surveys } = await surveyImages(pairs, readImage, options.memory);
  const { rules, remarks: said } = colourRules(surveys, options);
  // A file may be read twice.
  const told = new Set<string>();
  const labelFiles = createLabelFiles(createReader(options, (remark) => told.add(remark)));
  const labelSurveys: LabelSurvey[] = [];
  for (const [i, pair] of pairs.entries()) {
    const raw = await labelFiles.read(labelOf(pair), images[i]);
    checkSizes(pair, images[i], raw);
    if (!options.known) labelSurveys.push(surveyLabel(raw, labelName(labelOf(pair))));
  }
  const labels = options.known ?? decideLabels(labelSurveys, withOutlines(pairs, options));
  const remarks = [...said, ...labels.remarks];
  const samples: (Sample | SampleFile)[] = [];
  const reader = createSampleReader();
  const digests = collectDigests();
  for (const [i, pair] of pairs.entries()) {
    const file = labelOf(pair);
    const rawLabel = await labelFiles.read(file, images[i]);
    const { label, remarks: own } = readLabel(rawLabel, labelName(file), labels);
    remarks.push(...own);
    const { raw, width, height } = images[i];
    // Drop what the sample does not need.
    images[i] = { width, height };
    const { name } = pair;
    const image = withoutPalette(applyColour(raw ?? (await readImage(imageOf(pair))), rules[i]));
    digests.add(name, image, label);
    if (raw) {
      const map = { ...label, data: shared(label.data) };
      samples.push({ name, image: { ...image, data: shared(image.data) }, label: map });
      continue;
    }
    const { pages, regions, context } = options;
    const files = { image: imageOf(pair), label: file };
    const source = {
      name,
      ...files,
      width,
      height,
      colour: rules[i],
      labels,
      options: { pages, regions, context },
    };
    samples.push(sampleFile(source, surveySample({ name, image, label }), reader));
  }
  const { paletteColours } = labels;
  const found = paletteColours ? { classColours: paletteColours } : {};
  return { samples, labels, remarks: [...remarks, ...told], digests: digests.all(), ...found };
}

/** Outlines are of one cell each: the user need not declare it. */
function withOutlines(pairs: readonly PairedFiles[], options: LoadOptions): LoadOptions {
  const { instances, labelThreshold, classes = 2 } = options;
  const isPlain = instances === undefined && labelThreshold === undefined && classes === 2;
  const areOutlines = pairs.every(({ label }) => isOutlineName(label));
  return isPlain && areOutlines ? { ...options, instances: true } : options;
}

function sampleFile(
  source: SampleSource,
  survey: SampleFile["survey"],
  read: (source: SampleSource) => Promise<Sample>,
): SampleFile {
  return { name: source.name, survey, source, read: () => read(source) };
}

function imageOf({ image, imagePage, channelFiles }: PairedFiles): Omit<ImageFile, "name"> {
  return { image, page: imagePage, ...(channelFiles ? { channelFiles } : {}) };
}

function labelOf({ label, labelPage }: PairedFiles): Omit<ImageFile, "name"> {
  return { image: label, page: labelPage };
}

/** A surveyed image: with its numbers if there is room for them. */
interface SeenImage {
  readonly width: number;
  readonly height: number;
  readonly raw?: RawImage | undefined;
}

/**
 * Reads all images, and keeps those that fit into `memory` bytes together with labels of 8 bits.
 */
async function surveyImages(
  pairs: readonly PairedFiles[],
  read: ImageReader,
  memory: number,
): Promise<{ images: SeenImage[]; surveys: ColourSurvey[] }> {
  const images: SeenImage[] = [];
  const surveys: ColourSurvey[] = [];
  let room = memory;
  for (const pair of pairs) {
    const raw = await read(imageOf(pair));
    surveys.push(surveyColour(raw, pair.image));
    const { width, height, data, indices } = raw;
    const bytes = data.byteLength + (indices?.byteLength ?? 0) + width * height;
    const isKept = bytes <= room;
    if (isKept) room -= bytes;
    images.push({ width, height, ...(isKept ? { raw: sharedImage(raw) } : {}) });
  }
  return { images, surveys };
}

/** Returns how each image is converted: grey or RGB, by the rule over all of them. */
function colourRules(
  surveys: readonly ColourSurvey[],
  { channels, colour }: LoadOptions,
): { rules: ColourRule[]; remarks: string[] } {
  const numbers = notFiniteRemarks(surveys);
  if (channels !== undefined) {
    const rules = surveys.map((survey) => colourFor(survey, channels, "the network"));
    return { rules, remarks: [...fittedRemarks(surveys, channels), ...numbers] };
  }
  const { rule, remarks } = decideColour(surveys, colour);
  return { rules: surveys.map(() => rule), remarks: [...remarks, ...numbers] };
}

function checkSizes(pair: PairedFiles, image: SeenImage, label: RawImage): void {
  if (image.width === label.width && image.height === label.height) return;
  throw new Error(
    `${pair.image} is ${image.width}x${image.height} but ${pair.label} is ` +
      `${label.width}x${label.height}, expected equal sizes`,
  );
}
