// Samples made ready to cut tiles from: once a run, for all of its steps. Plain values, so that they
// can be handed to another thread. Images and labels stay as they are stored.

import { type CellRows, cellRows } from "./cell-rows.js";
import { checkNormalisation } from "./check-normalisation.js";
import type { LabelMap, Sample, StoredImage } from "./image-types.js";
import { givenScales, type Normalisation } from "./normalise.js";
import { hasWeight, tileStarts } from "./positions.js";
import { readSample, type SampleFile, type SampleSurvey, surveySample } from "./survey.js";
import { balanceOf, hasSeparation, type Separation, weightMap } from "./weight-map.js";

/** What tiles are cut from. */
export interface OpenSample {
  readonly image: StoredImage;
  readonly label: LabelMap;
  /** With a separation term, either the whole weight map, [height][width], */
  readonly weights?: Float32Array | undefined;
  /** or the cells, from which the part that a tile needs is made. */
  readonly cells?: CellRows | undefined;
}

export interface PreparedSample {
  readonly name: string;
  /** Its place among the samples given. */
  readonly given: number;
  readonly survey: SampleSurvey;
  /** Number of pixels of weight above 0: those that somebody labelled. */
  readonly weighted: number;
  /** Absent where it is read when its turn comes. */
  readonly opened?: OpenSample | undefined;
  /** Where it is read from then. */
  readonly source?: unknown | undefined;
}

/** A tile of an epoch: of which sample, and where its output begins; at random when left out. */
export interface Place {
  readonly sample: number;
  readonly x?: number | undefined;
  readonly y?: number | undefined;
}

export interface PrepareOptions<Kind extends Sample | SampleFile = Sample> {
  /** Images as stored or of values: they are normalised as they are cut. */
  readonly samples: readonly Kind[];
  /** Side of the output tile. */
  readonly output: number;
  /** "balanced": w_c of the paper, inverse to the class's share of pixels; "equal": 1. */
  readonly classWeights: "balanced" | "equal";
  /** The weight map's separation term: height, and width in pixels. */
  readonly w0: number;
  readonly sigma: number;
  /** Pixels between the output tiles of an image; at random places when left out or 0. */
  readonly stride?: number | undefined;
  /** "image" when left out. */
  readonly normalisation?: Normalisation | undefined;
}

export interface Prepared {
  readonly samples: readonly PreparedSample[];
  /** The tiles of one epoch, at least one. */
  readonly places: readonly Place[];
  /** w_c of each class. */
  readonly balance: readonly number[];
  readonly separation: Separation;
}

/** Pixels of the weight maps that are kept whole, 1 GiB; of further images a tile's part is made. */
const KEPT_PIXELS = 2 ** 28;

/**
 * Measures the images, balances the classes, and lists the tiles of an epoch: one for each sample at
 * a random place, or those of a stride. Samples without a labelled pixel are left out, and so are
 * tiles of a stride. Errors: no sample, no labelled pixel, sizes or channels that do not agree.
 */
export function prepareSamples(options: PrepareOptions): Prepared {
  const { samples, ...rest } = prepare(options);
  const places = samples.flatMap((sample, index) =>
    placesOf(sample, index, sample.opened?.label, options),
  );
  return { samples, places, ...rest };
}

/** As `prepareSamples`, where the pixels of some samples are in files. */
export async function prepareSampleFiles(
  options: PrepareOptions<Sample | SampleFile>,
): Promise<Prepared> {
  const { samples, ...rest } = prepare(options);
  const places: Place[] = [];
  for (const [index, sample] of samples.entries()) {
    const label =
      sample.opened || !needsLabel(sample, options)
        ? sample.opened?.label
        : (await readSample(options.samples[sample.given])).label;
    places.push(...placesOf(sample, index, label, options));
  }
  return { samples, places, ...rest };
}

function prepare(options: PrepareOptions<Sample | SampleFile>): Omit<Prepared, "places"> {
  const { w0, sigma } = options;
  const separation = { w0, sigma };
  const surveys = options.samples.map((one) => ("read" in one ? one.survey : surveySample(one)));
  checkChannels(options.samples, surveys);
  const { normalisation = { kind: "image" } } = options;
  const [{ channels }] = surveys;
  const scales = givenScales(checkNormalisation(normalisation, channels, "createSampler"));
  const balanced = balanceOf(surveys);
  const balance = options.classWeights === "balanced" ? balanced : balanced.map(() => 1);
  let room = KEPT_PIXELS;
  const samples = options.samples.flatMap((sample, given): PreparedSample[] => {
    const { name } = sample;
    const survey = scales ? { ...surveys[given], scales } : surveys[given];
    const weighted = survey.counts.reduce((sum, count) => sum + count, 0);
    if (weighted === 0) return [];
    if ("read" in sample) {
      return [{ name, given, survey, weighted, source: sample.source }];
    }
    room -= survey.width * survey.height;
    const opened = openSample(sample, balance, separation, room >= 0);
    return [{ name, given, survey, weighted, opened }];
  });
  if (samples.length === 0) {
    throw new Error("createSampler: no label has a pixel with a class, expected at least one");
  }
  return { samples, balance, separation };
}

/** Makes a sample ready to be cut; `whole`: with its whole weight map, where it needs one. */
export function openSample(
  { image, label }: Sample,
  balance: readonly number[],
  separation: Separation,
  whole: boolean,
): OpenSample {
  const { width, height, channels, maximum = 1, data } = image;
  const opened = { image: { width, height, channels, maximum, data }, label };
  if (!hasSeparation(separation)) return opened;
  if (whole) return { ...opened, weights: weightMap(label, balance, separation) };
  return { ...opened, cells: cellRows(label) };
}

/** Whether the places of a stride depend on which pixels are labelled. */
function needsLabel({ survey, weighted }: PreparedSample, { stride = 0 }: { stride?: number }) {
  return stride > 0 && weighted < survey.width * survey.height;
}

function placesOf(
  sample: PreparedSample,
  index: number,
  label: LabelMap | undefined,
  options: Pick<PrepareOptions, "output" | "stride">,
): Place[] {
  const { output, stride = 0 } = options;
  if (stride === 0) return [{ sample: index }];
  const { width, height } = sample.survey;
  const columns = tileStarts(width, output, stride);
  const places = tileStarts(height, output, stride).flatMap((y) =>
    columns.map((x) => ({ sample: index, x, y })),
  );
  if (!label || !needsLabel(sample, options)) return places;
  return places.filter(({ x, y }) => hasWeight(label, { x, y, width: output, height: output }));
}

function checkChannels(
  samples: readonly { readonly name: string }[],
  surveys: readonly SampleSurvey[],
): void {
  if (samples.length === 0) throw new Error("createSampler: got no sample, expected at least one");
  const [{ channels }] = surveys;
  const other = surveys.findIndex((survey) => survey.channels !== channels);
  if (other < 0) return;
  throw new Error(
    `sample ${samples[other].name}: the image has ${surveys[other].channels} channels, ` +
      `expected ${channels} as in ${samples[0].name}`,
  );
}
