// Summarises one label file in numbers small enough to keep for every file of a set: which values,
// in how many pixels and pieces. Their meaning is decided over the whole set.

import type { RawImage, Samples } from "./image-types.js";
import { type CountedValue, countRuns } from "./label-runs.js";

/** A number or a colour that occurs in a label. */
export interface SurveyedValue extends CountedValue {
  /** The stored number, or the index in a palette file; left out for a colour that is not grey. */
  readonly value?: number | undefined;
  /** Red, green, blue as stored, for a palette file or a colour picture. */
  readonly colour?: readonly [number, number, number] | undefined;
}

/** The values of a plane of numbers, or of a colour picture. */
export interface SurveyedPlane {
  /** In the order of their first pixels: the first few thousand. */
  readonly values: readonly SurveyedValue[];
  /** Pixels of further values. */
  readonly others: number;
  /** The smallest and largest finite number, and whether all are whole. */
  readonly low: number;
  /** The largest finite number. */
  readonly high: number;
  /** Whether all finite numbers are whole. */
  readonly whole: boolean;
  /** Pixels from `low` to `high` in 256 bins, if `values` does not contain all. */
  readonly bins?: readonly number[] | undefined;
}

/** What a label file holds: the values that `decideLabels` decides over. */
export interface LabelSurvey {
  /** The file name, for errors and remarks. */
  readonly name: string;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Channels of the file, without alpha. */
  readonly channels: number;
  /** The largest number that the file's type can hold. */
  readonly maximum: number;
  /** "grey": also RGB with equal channels. "other": neither one nor three channels. */
  readonly kind: "grey" | "palette" | "colours" | "other";
  /** Whether 0 is displayed as white; the numbers here are the stored ones. */
  readonly inverted: boolean;
  /** The numbers of a grey file or a palette's indices, or the colours. */
  readonly plane: SurveyedPlane;
  /**
   * The mean of the channels, if there are many colours and all are nearly grey: a picture saved as
   * JPEG.
   */
  readonly nearGrey?: SurveyedPlane | undefined;
  /** The alpha channel, if the file has one. */
  readonly alpha?: SurveyedPlane | undefined;
}

/** Channels of a colour that is nearly grey differ by at most this share of the largest value. */
const NEARLY = 1 / 8;
/** From this number of colours on they may be nearly grey: JPEG and smoothing produce more. */
const MANY_COLOURS = 16;

/** Surveys a label file; `name` is the name of the file. Takes linear time and little memory. */
export function surveyLabel(raw: RawImage, name: string): LabelSurvey {
  const stored = storedLabel(raw);
  const { width, height, channels, maximum, indices, alpha } = stored;
  const size = { width, height };
  const shared = { name, ...size, channels, maximum, inverted: raw.inverted === true };
  const opacity = alpha ? { alpha: surveyPlane(alpha, size) } : {};
  if (indices !== undefined) {
    const { values, ...rest } = surveyPlane(indices, size);
    const coloured = values.map((one) => ({ ...one, colour: colourAt(stored, one.first) }));
    return { ...shared, kind: "palette", plane: { ...rest, values: coloured }, ...opacity };
  }
  const count = width * height;
  const plane = (channel: number) => stored.data.subarray(channel * count, (channel + 1) * count);
  if (channels !== 1 && channels !== 3) {
    return { ...shared, kind: "other", plane: surveyPlane(plane(0), size), ...opacity };
  }
  const spread = channels === 1 ? 0 : largestSpread(stored);
  if (spread === 0) {
    return { ...shared, kind: "grey", plane: surveyPlane(plane(0), size), ...opacity };
  }
  const colours = surveyColours(stored);
  const near =
    spread <= NEARLY * maximum && colours.values.length > MANY_COLOURS
      ? { nearGrey: surveyPlane(greyOf(stored), size) }
      : {};
  return { ...shared, kind: "colours", plane: colours, ...near, ...opacity };
}

/** Returns the image with the numbers stored in its file, if the displayed ones are inverted. */
export function storedLabel(raw: RawImage): RawImage {
  if (!raw.inverted || raw.indices !== undefined) return raw;
  const data = raw.data.map((value) => raw.maximum - value);
  return { ...raw, data, inverted: false };
}

/** [height][width]: the mean of three channels, rounded if the numbers are whole. */
export function greyOf({ width, height, channels, data }: RawImage): Samples {
  const count = width * height;
  if (channels === 1) return data;
  const grey = data.slice(0, count);
  const isFloat = data instanceof Float32Array;
  for (let pixel = 0; pixel < count; pixel++) {
    const mean = (data[pixel] + data[pixel + count] + data[pixel + 2 * count]) / 3;
    grey[pixel] = isFloat ? mean : Math.round(mean);
  }
  return grey;
}

function surveyPlane(data: Samples, { width, height }: Pick<RawImage, "width" | "height">) {
  const { values: counted, others } = countRuns([data], width, height);
  const values = counted.map((one) => ({ ...one, value: data[one.first] }));
  let [low, high, whole] = [Infinity, -Infinity, true];
  const look = (value: number) => {
    if (!Number.isFinite(value)) return;
    if (value < low) low = value;
    if (value > high) high = value;
    whole &&= Number.isInteger(value);
  };
  if (others === 0) {
    for (const { value } of values) look(value);
    return { values, others, low, high, whole };
  }
  for (const value of data) look(value);
  return { values, others, low, high, whole, bins: binned(data, low, high) };
}

function surveyColours(raw: RawImage): SurveyedPlane {
  const { width, height, data } = raw;
  const count = width * height;
  const planes = [0, 1, 2].map((channel) => data.subarray(channel * count, (channel + 1) * count));
  const { values: counted, others } = countRuns(planes, width, height);
  const values = counted.map((one) => {
    const colour = colourAt(raw, one.first);
    const [r, g, b] = colour;
    return { ...one, colour, ...(r === g && g === b ? { value: r } : {}) };
  });
  const greys = values.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const [low, high] = [Math.min(...greys), Math.max(...greys)];
  return { values, others, low, high, whole: greys.every(Number.isInteger) };
}

function colourAt({ width, height, channels, data }: RawImage, pixel: number) {
  const count = channels < 3 ? 0 : width * height;
  return [data[pixel], data[count + pixel], data[2 * count + pixel]] as const;
}

/** Returns the largest difference between two channels of a pixel. */
function largestSpread({ width, height, data }: RawImage): number {
  const count = width * height;
  let spread = 0;
  for (let pixel = 0; pixel < count; pixel++) {
    const [r, g, b] = [data[pixel], data[pixel + count], data[pixel + 2 * count]];
    if (r === g && g === b) continue;
    spread = Math.max(spread, Math.abs(r - g), Math.abs(g - b), Math.abs(r - b));
  }
  return spread;
}

function binned(data: Samples, low: number, high: number): number[] {
  const bins = new Array<number>(256).fill(0);
  const scale = 256 / (high - low);
  for (const value of data) {
    if (Number.isFinite(value)) bins[Math.min(255, Math.floor((value - low) * scale))]++;
  }
  return bins;
}
