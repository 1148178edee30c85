// Labels that are grey pictures: soft edges from JPEG, smoothing and resizing, or not a label at
// all.

import type { FileNumbers } from "./label-numbers.js";

export interface SoftEdges {
  /** The most frequent values of the dark and the bright part, and the middle between them. */
  readonly dark: number;
  readonly bright: number;
  readonly middle: number;
  /** Number of values, of the first few thousand. */
  readonly count: number;
  /** Whether nearly all values are close to the two; otherwise it may be any picture. */
  readonly isTwoPeaks: boolean;
}

/** Pieces smaller than this on average are too small for cells or classes. */
const SMALL = 6;
/** Share of the variance explained by two parts: 0.98 for a mask saved as JPEG. */
const SEPARATE = 0.8;

/**
 * Returns the two peaks of a file whose values between the lowest and the highest are in many small
 * pieces, unlike any cell or class. Undefined for a label with hard edges.
 */
export function softEdges(file: FileNumbers): SoftEdges | undefined {
  if (!isGrainy(file)) return undefined;
  const { low, high, values, bins } = file;
  const histogram =
    bins?.map((pixels, i) => ({ value: low + ((i + 0.5) * (high - low)) / 256, pixels })) ??
    values.filter(({ value }) => Number.isFinite(value));
  const { split, separability } = otsu(histogram);
  const peak = (part: readonly { value: number; pixels: number }[]) =>
    part.reduce((best, one) => (one.pixels > best.pixels ? one : best)).value;
  const [dark, bright] = [peak(histogram.slice(0, split)), peak(histogram.slice(split))];
  const middle = (dark + bright) / 2;
  const isWhole = values.every(({ value }) => Number.isInteger(value));
  return {
    dark: isWhole ? Math.round(dark) : dark,
    bright: isWhole ? Math.round(bright) : bright,
    middle: isWhole ? Math.round(middle) : Number(middle.toPrecision(3)),
    count: values.length,
    isTwoPeaks: separability >= SEPARATE,
  };
}

function isGrainy({ survey, values, others, low, high }: FileNumbers): boolean {
  if (survey.kind === "palette") return false;
  const between = values.filter(({ value }) => value > low && value < high);
  const isWhole = values.every(({ value }) => Number.isInteger(value));
  if (between.length < 2 || (isWhole && high - low < 8)) return false;
  const pieces = sum(between.map((one) => one.pieces));
  const small = between.filter((one) => one.pixels < SMALL * one.pieces);
  if (pieces < 8 || small.length < 0.6 * between.length) return false;
  // Small cells with a number each are small pieces too, but one per number, and no number
  // dominates.
  if (pieces >= 2 * between.length) return true;
  const all = survey.width * survey.height;
  const inBetween = others + sum(between.map((one) => one.pixels));
  // In 16 bits and floats hardly any value occurs twice.
  if (between.length > 256 && inBetween > all / 2 && inBetween < 1.5 * (pieces + others))
    return true;
  const above = values.filter(({ value }) => value > low + (high - low) / 8);
  const near = above.filter(({ value }) => value > high - (high - low) / 8);
  const pixels = (part: typeof above) => sum(part.map((one) => one.pixels));
  return others === 0 && pixels(near) >= pixels(above) / 3;
}

/**
 * Returns the threshold at which two parts explain most of the variance (Otsu 1979), and their
 * share of it.
 */
function otsu(histogram: readonly { value: number; pixels: number }[]) {
  const total = sum(histogram.map(({ pixels }) => pixels));
  const all = sum(histogram.map(({ value, pixels }) => value * pixels));
  const mean = all / total;
  const variance = sum(histogram.map(({ value, pixels }) => pixels * (value - mean) ** 2)) / total;
  let best = { split: 1, separability: 0 };
  let [count, weighted] = [0, 0];
  for (let split = 1; split < histogram.length; split++) {
    const { value, pixels } = histogram[split - 1];
    count += pixels;
    weighted += value * pixels;
    if (count === 0 || count === total) continue;
    const apart = weighted / count - (all - weighted) / (total - count);
    const between = ((count * (total - count)) / total ** 2) * apart ** 2;
    if (between / variance > best.separability) best = { split, separability: between / variance };
  }
  return best;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
