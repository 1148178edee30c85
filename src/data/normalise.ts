// Normalisation of images before a network sees them. A checkpoint records its kind.

import type { Image, Samples, StoredImage } from "./image-types.js";
import type { Tile } from "./mirror.js";

/**
 * How images are normalised, as stored in a checkpoint. "image": each image by its own mean and
 * standard deviation. "statistics": all images by the same, one number per channel, of values where
 * 1 is the largest of the file's bit depth; a channel with standard deviation 0 becomes zeros.
 * "percentiles": each image by two of its percentiles, which become 0 and 1; for networks of other programs.
 */
export type Normalisation =
  | { readonly kind: "image" }
  | {
      readonly kind: "statistics";
      readonly mean: readonly number[];
      /** Population standard deviations. */
      readonly deviation: readonly number[];
    }
  | {
      readonly kind: "percentiles";
      /** 0 to 100. */
      readonly low: number;
      readonly high: number;
      /** Added to the distance of the two, by which values are divided. */
      readonly epsilon: number;
      /** Whether the channels of an image share them. */
      readonly isJoint: boolean;
    };

/**
 * Returns the scales that a normalisation gives to every image; undefined if each image has its
 * own. Throws, with the name of the image, for percentiles, which need the whole image.
 */
export function givenScales(
  normalisation: Normalisation,
  name = "an image that is read in parts",
): ChannelScale[] | undefined {
  if (normalisation.kind === "image") return undefined;
  if (normalisation.kind === "percentiles") {
    throw new Error(
      `${name}: the network normalises each image by its percentiles, which need the whole image in memory: give ` +
        "--mean and --deviation to predict, or import the network with them",
    );
  }
  const { mean, deviation } = normalisation;
  return mean.map((one, channel) => ({ mean: one, deviation: deviation[channel] }));
}

/**
 * How a channel is normalised: its values minus `mean`, divided by `deviation`; zeros if that is 0.
 */
export interface ChannelScale {
  /** The value that becomes 0. */
  readonly mean: number;
  /** Population standard deviation; 0 for a constant channel. */
  readonly deviation: number;
}

/**
 * Returns each channel of the image minus its mean, divided by its (population) standard deviation.
 * A constant channel becomes zeros. Values that are not finite are excluded from both and become 0.
 * Sums are taken in 64 bits.
 */
export function normalise(image: StoredImage): Image {
  const { width, height, channels } = image;
  const data = new Float32Array(channels * width * height);
  normaliseInto(data, image, channelScales(image), { x: 0, y: 0, width, height });
  return { width, height, channels, data };
}

/** Returns the scale of each channel, from all of its pixels. */
export function channelScales(image: StoredImage): ChannelScale[] {
  const count = image.width * image.height;
  const value = unitOf(image);
  return Array.from({ length: image.channels }, (_, channel) => {
    const plane = image.data.subarray(channel * count, (channel + 1) * count);
    const sums = noSums();
    addValues(sums, plane, value);
    if (!sums.isFlat) addSquares(sums, plane, value);
    return scaleOf(sums);
  });
}

/**
 * The sums for the scale of a channel, added up over its pixels in order, row by row, in one piece
 * or in many; the result is the same to the bit.
 */
export interface ScaleSums {
  sum: number;
  /** Of the squares of the differences from the mean. */
  squares: number;
  /** The number of pixels whose values are finite, and the value of the first of them. */
  finite: number;
  first: number;
  /**
   * Whether all of them have that value: a standard deviation of zero follows from values, not from
   * rounded sums.
   */
  isFlat: boolean;
}

export const noSums = (): ScaleSums => {
  return { sum: 0, squares: 0, finite: 0, first: Number.NaN, isFlat: true };
};

/** Adds the values of further pixels. */
export function addValues(
  sums: ScaleSums,
  plane: Samples,
  value: (stored: number) => number,
): void {
  let { sum, finite, first, isFlat } = sums;
  for (let pixel = 0; pixel < plane.length; pixel++) {
    const one = value(plane[pixel]);
    if (!Number.isFinite(one)) continue;
    if (finite === 0) first = one;
    else if (one !== first) isFlat = false;
    finite++;
    sum += one;
  }
  Object.assign(sums, { sum, finite, first, isFlat });
}

/** Adds the squares of further pixels, after the values of all have been added. */
export function addSquares(
  sums: ScaleSums,
  plane: Samples,
  value: (stored: number) => number,
): void {
  const mean = sums.sum / sums.finite;
  let { squares } = sums;
  for (let pixel = 0; pixel < plane.length; pixel++) {
    const one = value(plane[pixel]);
    if (Number.isFinite(one)) squares += (one - mean) ** 2;
  }
  sums.squares = squares;
}

export function scaleOf({ sum, squares, finite, first, isFlat }: ScaleSums): ChannelScale {
  if (isFlat) return { mean: finite > 0 ? first : 0, deviation: 0 };
  return { mean: sum / finite, deviation: Math.sqrt(squares / finite) };
}

/**
 * Normalises an area inside the image: [channels][area.height][area.width], the same to the bit as
 * this part of the whole.
 */
export function normaliseInto(
  target: Float32Array,
  image: StoredImage,
  scales: readonly ChannelScale[],
  area: Tile,
): void {
  const { width, height, data } = image;
  let to = 0;
  for (const [channel, scale] of scales.entries()) {
    const read = reader(image, scale);
    for (let y = area.y; y < area.y + area.height; y++, to += area.width) {
      const from = (channel * height + y) * width + area.x;
      read(data, from, from + area.width, target, to);
    }
  }
}

type ReadRow = (
  data: StoredImage["data"],
  from: number,
  end: number,
  target: Float32Array,
  to: number,
) => void;

/** Returns a function that normalises the numbers of a row. Numbers of 8 bits are looked up. */
function reader(image: StoredImage, { mean, deviation }: ChannelScale): ReadRow {
  if (deviation === 0) {
    return (_, from, end, target, to) => void target.fill(0, to, to + end - from);
  }
  const { maximum = 1 } = image;
  if (image.data instanceof Uint8Array) {
    const table = new Float32Array(256);
    for (let stored = 0; stored < 256; stored++) {
      table[stored] = (Math.fround(stored / maximum) - mean) / deviation;
    }
    return (data, from, end, target, to) => {
      for (let i = from; i < end; i++, to++) target[to] = table[data[i]];
    };
  }
  if (image.data instanceof Uint16Array) {
    return (data, from, end, target, to) => {
      for (let i = from; i < end; i++, to++) {
        target[to] = (Math.fround(data[i] / maximum) - mean) / deviation;
      }
    };
  }
  return (data, from, end, target, to) => {
    for (let i = from; i < end; i++, to++) {
      const value = (data[i] / maximum - mean) / deviation;
      target[to] = Number.isFinite(value) ? value : 0;
    }
  };
}

/**
 * Returns the conversion of stored numbers to values. For 8 and 16 bits a 32-bit number
 * distinguishes them all, as in `imageFromRaw`; others keep 64 bits.
 */
export function unitOf({
  data,
  maximum = 1,
}: Pick<StoredImage, "data" | "maximum">): (stored: number) => number {
  if (data instanceof Uint8Array || data instanceof Uint16Array) {
    return (stored) => Math.fround(stored / maximum);
  }
  return (stored) => stored / maximum;
}

/** Returns mean and (population) standard deviation, summed in 64 bits. */
export function spread(plane: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (let pixel = 0; pixel < plane.length; pixel++) sum += plane[pixel];
  const mean = sum / plane.length;
  let squares = 0;
  for (let pixel = 0; pixel < plane.length; pixel++) squares += (plane[pixel] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / plane.length) };
}
