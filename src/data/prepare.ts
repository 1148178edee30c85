// Prepares samples for cutting tiles, once per run. Plain values that can be sent to another
// thread. Images and labels stay as they are stored.

import { type CellRows, cellRows } from "./cell-rows.js";
import { checkNormalisation } from "./check-normalisation.js";
import type { LabelMap, Sample, StoredImage } from "./image-types.js";
import { givenScales, type Normalisation } from "./normalise.js";
import { type PercentileNormalisation, sampleScales } from "./percentile-scales.js";
import { hasWeight, tileStarts } from "./positions.js";
import { readSample, type SampleFile, type SampleSurvey, surveySample } from "./survey.js";
import { balanceOf, hasSeparation, type Separation, weightMap } from "./weight-map.js";

/** The data that tiles are cut from. */
export interface OpenSample {
  /** As stored or of floats. */
  readonly image: StoredImage;
  /** As large as the image. */
  readonly label: LabelMap;
  /** With a separation term, either the whole weight map, [height][width], */
  readonly weights?: Float32Array | undefined;
  /** or the cells, from which the part for a tile is computed. */
  readonly cells?: CellRows | undefined;
}

/** A sample with what is computed of it once. */
export interface PreparedSample {
  /** As its sample has it. */
  readonly name: string;
  /** Its index among the given samples. */
  readonly given: number;
  /** Its size, channels and classes. */
  readonly survey: SampleSurvey;
  /** Number of pixels with weight above 0: the labelled ones. */
  readonly weighted: number;
  /** Absent if it is read when needed. */
  readonly opened?: OpenSample | undefined;
  /** Where it is read from in that case. */
  readonly source?: unknown | undefined;
}

/** A tile of an epoch: its sample, and where its output begins; by default at random. */
export interface Place {
  /** Index among the prepared samples. */
  readonly sample: number;
  /** First column of the output tile, in pixels. */
  readonly x?: number | undefined;
  /** First row of the output tile, in pixels. */
  readonly y?: number | undefined;
}

/** What samples are prepared for. */
export interface PrepareOptions<Kind extends Sample | SampleFile = Sample> {
  /** Images, as stored or as values; they are normalised when tiles are cut. */
  readonly samples: readonly Kind[];
  /** Side of the output tile. */
  readonly output: number;
  /** "balanced": w_c of the paper, inverse to the class's share of pixels; "equal": 1. */
  readonly classWeights: "balanced" | "equal";
  /** The weight map's separation term: height, and width in pixels. */
  readonly w0: number;
  /** Width of the separation term, in pixels. */
  readonly sigma: number;
  /**
   * Pixels between the output tiles of an image. By default, or if 0, tiles are placed at random.
   */
  readonly stride?: number | undefined;
  /** By default "image". */
  readonly normalisation?: Normalisation | undefined;
}

/** Samples that tiles can be cut from. */
export interface Prepared {
  /** Those with labelled pixels, in the order given. */
  readonly samples: readonly PreparedSample[];
  /** The tiles of one epoch, at least one. */
  readonly places: readonly Place[];
  /** w_c of each class. */
  readonly balance: readonly number[];
  /** The weight map's separation term. */
  readonly separation: Separation;
}

/**
 * The weight maps kept whole, in pixels: 1 GiB. For further images the part for a tile is computed.
 */
const KEPT_PIXELS = 2 ** 28;

/**
 * Measures the images, balances the classes, and lists the tiles of an epoch: one per sample at a
 * random position, or those of a stride. Samples and stride tiles without a labelled pixel are left
 * out. Throws if there is no sample or no labelled pixel, if sizes or channels do not agree, and for regions of larger
 * images if images are normalised by percentiles.
 */
export function prepareSamples(options: PrepareOptions): Prepared {
  const { samples, percentiles: _, ...rest } = prepare(options);
  const places = samples.flatMap((sample, index) =>
    placesOf(sample, index, sample.opened?.label, options),
  );
  return { samples, places, ...rest };
}

/**
 * Like `prepareSamples`, if the pixels of some samples are in files. A file is read once here if images are normalised by
 * percentiles, or if the places of a stride depend on its label.
 */
export async function prepareSampleFiles(
  options: PrepareOptions<Sample | SampleFile>,
): Promise<Prepared> {
  const { samples: known, percentiles, ...rest } = prepare(options);
  const samples: PreparedSample[] = [];
  const places: Place[] = [];
  for (const [index, sample] of known.entries()) {
    const isRead = !sample.opened && (percentiles || needsLabel(sample, options));
    const read = isRead ? await readSample(options.samples[sample.given]) : undefined;
    const scales = read && percentiles && sampleScales(read, percentiles);
    samples.push(scales ? { ...sample, survey: { ...sample.survey, scales } } : sample);
    places.push(...placesOf(sample, index, (sample.opened ?? read)?.label, options));
  }
  return { samples, places, ...rest };
}

/** `percentiles`: if the scales of samples in files are still to be computed of them. */
interface Begun extends Omit<Prepared, "places"> {
  readonly percentiles: PercentileNormalisation | undefined;
}

function prepare(options: PrepareOptions<Sample | SampleFile>): Begun {
  const { w0, sigma } = options;
  const separation = { w0, sigma };
  const surveys = options.samples.map((one) => ("read" in one ? one.survey : surveySample(one)));
  checkChannels(options.samples, surveys);
  const [{ channels }] = surveys;
  const { normalisation: wanted = { kind: "image" } } = options;
  const normalisation = checkNormalisation(wanted, channels, "createSampler");
  const percentiles = normalisation.kind === "percentiles" ? normalisation : undefined;
  const given = percentiles ? undefined : givenScales(normalisation);
  const balanced = balanceOf(surveys);
  const balance = options.classWeights === "balanced" ? balanced : balanced.map(() => 1);
  let room = KEPT_PIXELS;
  const samples = options.samples.flatMap((sample, index): PreparedSample[] => {
    const { name } = sample;
    const own = percentiles && !("read" in sample) ? sampleScales(sample, percentiles) : given;
    const survey = own ? { ...surveys[index], scales: own } : surveys[index];
    const weighted = survey.counts.reduce((sum, count) => sum + count, 0);
    if (weighted === 0) return [];
    if ("read" in sample) {
      return [{ name, given: index, survey, weighted, source: sample.source }];
    }
    room -= survey.width * survey.height;
    const opened = openSample(sample, balance, separation, room >= 0);
    return [{ name, given: index, survey, weighted, opened }];
  });
  if (samples.length === 0) {
    throw new Error("createSampler: no label has a pixel with a class, expected at least one");
  }
  return { samples, balance, separation, percentiles };
}

/** Prepares a sample for cutting; `whole`: with its whole weight map, if it needs one. */
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

/** Whether the positions of a stride depend on which pixels are labelled. */
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
