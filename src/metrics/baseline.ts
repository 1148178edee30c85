// What can be had without a network: the figures that a trained one must beat.

import { gaussianBlur } from "../data/blur.js";
import { IGNORED, type Image, type LabelMap } from "../data/types.js";

/** The best single threshold and what it gets wrong. */
export interface ThresholdBaseline {
  /** Share of the labelled pixels. */
  readonly wrongPixels: number;
  /** Standard deviation of the blur, in pixels. */
  readonly sigma: number;
  /**
   * Standard deviation in pixels of the window whose mean was taken off and whose standard
   * deviation was divided by; undefined where the image as it is was better.
   */
  readonly window: number | undefined;
  /** A pixel is called class 1 above it; in deviations of the window, or in the image's unit. */
  readonly threshold: number;
}

export interface ThresholdChoices {
  readonly sigmas?: readonly number[];
  readonly windows?: readonly (number | undefined)[];
}

/** Bins of the threshold's histogram. */
const BINS = 4096;

/**
 * The best single threshold on the blurred images, fitted on the very images and labels given: with
 * the best of some blurs, and of the image as it is or locally normalised. The mean of the channels
 * of a colour image. Two classes. Errors: no image, or sizes that differ.
 */
export function bestThreshold(
  images: readonly Image[],
  labels: readonly LabelMap[],
  choices: ThresholdChoices = {},
): ThresholdBaseline {
  check(images, labels);
  const { sigmas = [1, 1.5, 2, 3], windows = [undefined, 12, 24] } = choices;
  let best: ThresholdBaseline | undefined;
  for (const window of windows) {
    const planes = images.map((image) => locallyNormalised(greyPlane(image), image, window));
    for (const sigma of sigmas) {
      const blurred = planes.map((plane, i) =>
        gaussianBlur(plane, images[i].width, images[i].height, sigma),
      );
      const { threshold, wrong } = fitThreshold(blurred, labels);
      if (best === undefined || wrong < best.wrongPixels) {
        best = { wrongPixels: wrong, sigma, window, threshold };
      }
    }
  }
  if (best === undefined) throw new Error("bestThreshold: got no blur or window to choose from");
  return best;
}

/**
 * Wrong pixels of calling every pixel the most frequent class, as a share of the labelled pixels.
 */
export function oneClass(labels: readonly LabelMap[]): number {
  const counts = classCounts(labels);
  return 1 - Math.max(...counts) / counts.reduce((sum, count) => sum + count, 0);
}

/** The most frequent class of the labelled pixels, the lowest of equally frequent ones. */
export function commonestClass(labels: readonly LabelMap[]): number {
  const counts = classCounts(labels);
  return counts.indexOf(Math.max(...counts));
}

function classCounts(labels: readonly LabelMap[]): Float64Array {
  const counts = new Float64Array(IGNORED + 1);
  for (const label of labels) for (const index of label.data) counts[index]++;
  return counts.subarray(0, IGNORED);
}

function check(images: readonly Image[], labels: readonly LabelMap[]): void {
  if (images.length === 0 || images.length !== labels.length) {
    throw new Error(
      `bestThreshold: got ${images.length} images and ${labels.length} labels, expected as many`,
    );
  }
  labels.forEach((label, i) => {
    if (label.classes !== 2) {
      throw new Error(`bestThreshold: label ${i} has ${label.classes} classes, expected 2`);
    }
    if (label.width !== images[i].width || label.height !== images[i].height) {
      throw new Error(
        `bestThreshold: image ${i} is ${images[i].width}x${images[i].height} but its label is ` +
          `${label.width}x${label.height}, expected equal sizes`,
      );
    }
  });
}

function greyPlane({ width, height, channels, data }: Image): Float32Array {
  const count = width * height;
  const plane = new Float32Array(count);
  for (let i = 0; i < channels * count; i++) plane[i % count] += data[i] / channels;
  return plane;
}

/** (plane - local mean) / local standard deviation, both in a Gaussian window. */
function locallyNormalised(
  plane: Float32Array,
  { width, height }: Image,
  window: number | undefined,
): Float32Array {
  if (window === undefined) return plane;
  const mean = gaussianBlur(plane, width, height, window);
  const squares = plane.map((value, i) => (value - mean[i]) ** 2);
  const variance = gaussianBlur(squares, width, height, window);
  return plane.map((value, i) => (value - mean[i]) / Math.sqrt(variance[i] + 1e-12));
}

/**
 * The threshold with the fewest wrong pixels: above it a pixel is class 1, else class 0.
 */
function fitThreshold(
  planes: readonly Float32Array[],
  labels: readonly LabelMap[],
): { threshold: number; wrong: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const plane of planes) {
    for (const value of plane) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  const scale = (BINS - 1) / Math.max(high - low, 1e-12);
  const counts = [new Float64Array(BINS), new Float64Array(BINS)];
  planes.forEach((plane, i) => {
    const { data } = labels[i];
    for (let pixel = 0; pixel < data.length; pixel++) {
      if (data[pixel] < 2) counts[data[pixel]][Math.floor((plane[pixel] - low) * scale)]++;
    }
  });
  // From "all is class 1" upwards: bins below the threshold are called class 0.
  let wrong = counts[0].reduce((sum, count) => sum + count, 0);
  const total = wrong + counts[1].reduce((sum, count) => sum + count, 0);
  let best = { threshold: low, wrong };
  for (let bin = 0; bin < BINS; bin++) {
    wrong += counts[1][bin] - counts[0][bin];
    if (wrong < best.wrong) best = { threshold: low + (bin + 1) / scale, wrong };
  }
  return { threshold: best.threshold, wrong: best.wrong / total };
}
