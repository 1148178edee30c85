// Baselines without a network, which a trained one must beat.

import { gaussianBlur } from "../data/blur.js";
import { classCounts } from "../data/class-counts.js";
import { imageFromRaw } from "../data/float-image.js";
import type { LabelMap, StoredImage } from "../data/image-types.js";

/** The best single threshold and its errors. */
export interface ThresholdBaseline {
  /** Share of the labelled pixels. */
  readonly wrongPixels: number;
  /** Standard deviation of the blur, in pixels. */
  readonly sigma: number;
  /**
   * Standard deviation in pixels of the window for local normalisation (subtract the mean, divide
   * by the standard deviation); undefined if the image without it was better.
   */
  readonly window: number | undefined;
  /** Pixels above it are class 1; in standard deviations of the window, or in the image's unit. */
  readonly threshold: number;
}

/** What `thresholdBaseline` tries. */
export interface ThresholdChoices {
  /** Widths of the Gaussian blur before the threshold, in pixels. */
  readonly sigmas?: readonly number[] | undefined;
  /** Scales of local normalisation in pixels; undefined: none, one threshold for all. */
  readonly windows?: readonly (number | undefined)[] | undefined;
}

/** Bins of the histograms in which a threshold is searched. */
const BINS = 2 ** 14;

/** The range of the histograms of local deviations; the few pixels beyond count at its ends. */
const DEVIATIONS = 16;

/**
 * Finds the best threshold of images that are passed one after the other, twice; they are not kept.
 */
export interface ThresholdSearch {
  /** First pass: the range of values of each image. */
  measure(image: StoredImage): void;
  /**
   * Second pass: each image with its label, of two classes. Throws if sizes or classes do not fit.
   */
  add(image: StoredImage, label: LabelMap): void;
  best(): ThresholdBaseline;
}

/**
 * Returns the best single threshold on the blurred images, fitted on the given images and labels:
 * with the best of several blurs, with or without local normalisation. For colour images the mean
 * of the channels is used. Two classes. Throws if there is no image, or if sizes differ.
 */
export function bestThreshold(
  images: readonly StoredImage[],
  labels: readonly LabelMap[],
  choices: ThresholdChoices = {},
): ThresholdBaseline {
  if (images.length === 0 || images.length !== labels.length) {
    throw new Error(
      `bestThreshold: got ${images.length} images and ${labels.length} labels, expected the same number`,
    );
  }
  const search = thresholdSearch(choices);
  for (const image of images) search.measure(image);
  images.forEach((image, i) => {
    search.add(image, labels[i]);
  });
  return search.best();
}

/** `bestThreshold` for images that are not in memory at the same time. */
export function thresholdSearch({
  sigmas = [1, 1.5, 2, 3],
  windows = [undefined, 12, 24],
}: ThresholdChoices = {}): ThresholdSearch {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const searches = windows.flatMap((window) =>
    sigmas.map((sigma) => ({
      window,
      sigma,
      counts: [new Float64Array(BINS), new Float64Array(BINS)] as const,
    })),
  );
  const rangeOf = (window: number | undefined) =>
    window === undefined ? [low, high] : [-DEVIATIONS, DEVIATIONS];
  return {
    measure(image) {
      for (const value of greyPlane(image)) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    },
    add(image, label) {
      check(image, label);
      const { width, height } = image;
      const grey = greyPlane(image);
      for (const window of windows) {
        const plane = locallyNormalised(grey, image, window);
        const [from, to] = rangeOf(window);
        for (const { sigma, counts } of searches.filter((one) => one.window === window)) {
          count(gaussianBlur(plane, width, height, sigma), label, [from, to], counts);
        }
      }
    },
    best() {
      const found = searches.map(({ window, sigma, counts }) => {
        const [from, to] = rangeOf(window);
        const { threshold, wrong } = fitThreshold(counts, [from, to]);
        return { wrongPixels: wrong, sigma, window, threshold };
      });
      if (found.length === 0) {
        throw new Error("bestThreshold: got no blur or window to choose from");
      }
      return found.reduce((best, one) => (one.wrongPixels < best.wrongPixels ? one : best));
    },
  };
}

/** Returns the share of wrong labelled pixels if every pixel gets the most frequent class. */
export function oneClass(labels: readonly LabelMap[]): number {
  return wrongOfOneClass(labels.map(classCounts));
}

/** `oneClass` from the numbers of pixels of each class of each label. */
export function wrongOfOneClass(labels: readonly (readonly number[])[]): number {
  const counts = added(labels);
  return 1 - Math.max(...counts) / counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Returns the most frequent class of the labelled pixels, the lowest if several are equally
 * frequent, from the numbers of pixels of each class of each label.
 */
export function commonestClass(labels: readonly (readonly number[])[]): number {
  const counts = added(labels);
  return counts.indexOf(Math.max(...counts));
}

function added(labels: readonly (readonly number[])[]): number[] {
  const classes = Math.max(...labels.map((counts) => counts.length));
  return Array.from({ length: classes }, (_, index) =>
    labels.reduce((sum, counts) => sum + (counts[index] ?? 0), 0),
  );
}

function check(image: StoredImage, label: LabelMap): void {
  if (label.classes !== 2) {
    throw new Error(`bestThreshold: a label has ${label.classes} classes, expected 2`);
  }
  if (label.width !== image.width || label.height !== image.height) {
    throw new Error(
      `bestThreshold: an image is ${image.width}x${image.height} but its label is ` +
        `${label.width}x${label.height}, expected equal sizes`,
    );
  }
}

/** The mean of the channels; values that are not finite count as 0. */
function greyPlane(image: StoredImage): Float32Array {
  const { width, height, channels, data } = imageFromRaw(image);
  const count = width * height;
  const plane = new Float32Array(count);
  for (let i = 0; i < channels * count; i++) {
    if (Number.isFinite(data[i])) plane[i % count] += data[i] / channels;
  }
  return plane;
}

/** The mask, [height][width], of an image by a threshold that was found: 1 above it, else 0. */
export function thresholdMask(
  image: StoredImage,
  { sigma, window, threshold }: Pick<ThresholdBaseline, "sigma" | "window" | "threshold">,
): Uint8Array {
  const { width, height } = image;
  const plane = locallyNormalised(greyPlane(image), image, window);
  const blurred = gaussianBlur(plane, width, height, sigma);
  return Uint8Array.from(blurred, (value) => Number(value > threshold));
}

/** (plane - local mean) / local standard deviation, both in a Gaussian window. */
function locallyNormalised(
  plane: Float32Array,
  { width, height }: Pick<StoredImage, "width" | "height">,
  window: number | undefined,
): Float32Array {
  if (window === undefined) return plane;
  const mean = gaussianBlur(plane, width, height, window);
  const squares = plane.map((value, i) => (value - mean[i]) ** 2);
  const variance = gaussianBlur(squares, width, height, window);
  // A variance so small compared with the largest one is not meaningful, whatever the unit.
  const least = 1e-12 * variance.reduce((most, value) => Math.max(most, value), 1e-30);
  return plane.map((value, i) => (value - mean[i]) / Math.sqrt(variance[i] + least));
}

type Range = readonly [from: number, to: number];

/** Adds the labelled pixels of class 0 and of class 1 to the histograms. */
function count(
  plane: Float32Array,
  { data }: LabelMap,
  range: Range,
  counts: readonly [Float64Array, Float64Array],
): void {
  const scale = scaleOf(range);
  for (let pixel = 0; pixel < data.length; pixel++) {
    if (data[pixel] >= 2) continue;
    const bin = Math.floor((plane[pixel] - range[0]) * scale);
    counts[data[pixel]][Math.max(0, Math.min(BINS - 1, bin))]++;
  }
}

const scaleOf = ([from, to]: Range) => (to > from ? (BINS - 1) / (to - from) : 1);

/**
 * Returns the threshold with the fewest wrong pixels: above it a pixel is class 1, else class 0.
 */
function fitThreshold(
  counts: readonly [Float64Array, Float64Array],
  range: Range,
): { threshold: number; wrong: number } {
  // Starts with all pixels as class 1 and moves up: bins below the threshold are class 0.
  let wrong = counts[0].reduce((sum, count) => sum + count, 0);
  const total = wrong + counts[1].reduce((sum, count) => sum + count, 0);
  let best = { threshold: range[0], wrong };
  for (let bin = 0; bin < BINS; bin++) {
    wrong += counts[1][bin] - counts[0][bin];
    if (wrong < best.wrong) best = { threshold: range[0] + (bin + 1) / scaleOf(range), wrong };
  }
  return { threshold: best.threshold, wrong: best.wrong / total };
}
