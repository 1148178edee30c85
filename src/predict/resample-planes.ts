// Planes of another size, resampled to that of an image.

import type { SizedPlanes } from "../data/image-types.js";
import type { Size } from "./tiling.js";

/**
 * Returns planes [channels][size.height][size.width] that cover the same area: by linear interpolation if they
 * grow (as `resize` with the mode "linear"), by means weighted with the distance if they shrink.
 */
export function resampled(
  { width, height, data }: SizedPlanes,
  channels: number,
  size: Size,
): Float32Array {
  const columns = tapsOf(width, size.width);
  const rows = tapsOf(height, size.height);
  const result = new Float32Array(channels * size.height * size.width);
  const narrow = new Float32Array(height * size.width);
  for (let channel = 0; channel < channels; channel++) {
    const from = channel * height * width;
    for (let y = 0; y < height; y++) {
      for (const [x, { first, weights }] of columns.entries()) {
        let sum = 0;
        for (const [i, weight] of weights.entries())
          sum += weight * data[from + y * width + first + i];
        narrow[y * size.width + x] = sum;
      }
    }
    const to = channel * size.height * size.width;
    for (const [y, { first, weights }] of rows.entries()) {
      for (let x = 0; x < size.width; x++) {
        let sum = 0;
        for (const [i, weight] of weights.entries())
          sum += weight * narrow[(first + i) * size.width + x];
        result[to + y * size.width + x] = sum;
      }
    }
  }
  return result;
}

/** The pixels that each pixel of `count` along an axis is made of. */
function tapsOf(pixels: number, count: number) {
  const ratio = pixels / count;
  const reach = Math.max(1, ratio);
  return Array.from({ length: count }, (_, i) => {
    const centre = (i + 0.5) * ratio - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(pixels - 1, Math.floor(centre + reach));
    const near = Array.from(
      { length: last - first + 1 },
      (_, tap) => 1 - Math.abs(first + tap - centre) / reach,
    );
    const total = near.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: near.map((weight) => weight / total) };
  });
}
