// The brightness of objects, channel by channel.

import type { Samples } from "../data/image-types.js";
import type { ObjectRuns } from "./object-runs.js";

/** One channel within one object, in the values of the image's file; NaN if one of its pixels is NaN. */
export interface Brightness {
  /** The mean of its pixels. */
  readonly mean: number;
  /** The sum of its pixels. */
  readonly sum: number;
  /** Standard deviation of all its pixels: the root of the mean squared distance from the mean. */
  readonly deviation: number;
  /** The smallest value. */
  readonly minimum: number;
  /** The largest value. */
  readonly maximum: number;
}

/** Sums over pixels, from which the brightness follows; those of the parts of an object can be joined. */
export interface BrightnessSums {
  readonly pixels: number;
  readonly sum: number;
  /** One of the values: distances from it stay small, so that nothing cancels out in their squares. */
  readonly origin: number;
  /** The sum of the distances from it, and of their squares. */
  readonly shifted: number;
  readonly squares: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** The sums of an object in one plane, [height][width]. `index`: its number - 1. */
export function brightnessSums(
  plane: Samples,
  width: number,
  { starts, y, x0, x1 }: ObjectRuns,
  index: number,
): BrightnessSums {
  const begin = starts[index];
  const origin = plane[y[begin] * width + x0[begin]];
  let [pixels, sum, shifted, squares] = [0, 0, 0, 0];
  let [minimum, maximum] = [Infinity, -Infinity];
  for (let run = begin; run < starts[index + 1]; run++) {
    const row = y[run] * width;
    for (let x = x0[run]; x < x1[run]; x++) {
      const value = plane[row + x];
      const distance = value - origin;
      sum += value;
      shifted += distance;
      squares += distance * distance;
      if (value < minimum) minimum = value;
      if (value > maximum) maximum = value;
    }
    pixels += x1[run] - x0[run];
  }
  return { pixels, sum, origin, shifted, squares, minimum, maximum };
}

/** The sums of two parts of an object: exact for whole numbers, as long as they stay below 2 ** 53. */
export function joinBrightness(one: BrightnessSums, other: BrightnessSums): BrightnessSums {
  const { origin } = one;
  const by = other.origin - origin;
  const shifted = other.shifted + by * other.pixels;
  const squares = other.squares + 2 * by * other.shifted + by * by * other.pixels;
  return {
    pixels: one.pixels + other.pixels,
    sum: one.sum + other.sum,
    origin,
    shifted: one.shifted + shifted,
    squares: one.squares + squares,
    minimum: Math.min(one.minimum, other.minimum),
    maximum: Math.max(one.maximum, other.maximum),
  };
}

/** The brightness by its sums. */
export function brightnessOf(sums: BrightnessSums): Brightness {
  const { pixels, sum, shifted, squares, minimum, maximum } = sums;
  const off = shifted / pixels;
  const deviation = Math.sqrt(Math.max(0, squares / pixels - off * off));
  // Comparisons skip NaN.
  const broken = Number.isNaN(sum) && Number.isNaN(shifted);
  return broken
    ? { mean: NaN, sum: NaN, deviation: NaN, minimum: NaN, maximum: NaN }
    : { mean: sum / pixels, sum, deviation, minimum, maximum };
}
