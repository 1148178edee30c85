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

/** The brightness of an object in one plane, [height][width]. `index`: its number - 1. */
export function brightnessOf(
  plane: Samples,
  width: number,
  { starts, y, x0, x1 }: ObjectRuns,
  index: number,
): Brightness {
  const begin = starts[index];
  // Distances from one of the values: their squares stay small, so that nothing cancels out.
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
  const off = shifted / pixels;
  const deviation = Math.sqrt(Math.max(0, squares / pixels - off * off));
  // Comparisons skip NaN.
  const broken = Number.isNaN(sum) && Number.isNaN(shifted);
  return broken
    ? { mean: NaN, sum: NaN, deviation: NaN, minimum: NaN, maximum: NaN }
    : { mean: sum / pixels, sum, deviation, minimum, maximum };
}
