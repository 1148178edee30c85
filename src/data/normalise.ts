// What every image goes through before a network sees it; a checkpoint records its kind.

import type { Image } from "./types.js";

/**
 * Each channel of the image minus its own mean, over its own (population) standard deviation. A
 * channel of one value becomes zeros. Sums are taken in 64 bits.
 */
export function normalise(image: Image): Image {
  const { width, height, channels } = image;
  const count = width * height;
  const data = new Float32Array(channels * count);
  for (let channel = 0; channel < channels; channel++) {
    const plane = image.data.subarray(channel * count, (channel + 1) * count);
    const { mean, deviation } = spread(plane);
    // Zero deviation is told by the values, not by the rounded sums.
    if (plane.every((value) => value === plane[0])) continue;
    for (let pixel = 0; pixel < count; pixel++) {
      data[channel * count + pixel] = (plane[pixel] - mean) / deviation;
    }
  }
  return { width, height, channels, data };
}

/** Mean and (population) standard deviation, summed in 64 bits. */
export function spread(plane: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (let pixel = 0; pixel < plane.length; pixel++) sum += plane[pixel];
  const mean = sum / plane.length;
  let squares = 0;
  for (let pixel = 0; pixel < plane.length; pixel++) squares += (plane[pixel] - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / plane.length) };
}
