// Grey-value augmentation of a normalised tile.

import type { Augmentation } from "./augmentation-config.js";
import { spread } from "./normalise.js";
import { gaussian } from "./random.js";

/**
 * Draws a gamma curve, a contrast, a brightness and noise, and applies them to a tile in place. The
 * tile, [channels][pixels], has mean 0 and standard deviation 1 over its image; all channels get
 * the same except the noise. A kind that is switched off draws no random number.
 */
export function varyGreys(
  tile: Float32Array,
  channels: number,
  { contrast, brightness, gamma, noise }: Augmentation,
  next: () => number,
): void {
  if (gamma > 0) {
    const exponent = (1 + gamma) ** (2 * next() - 1);
    const pixels = tile.length / channels;
    for (let channel = 0; channel < channels; channel++) {
      curve(tile.subarray(channel * pixels, (channel + 1) * pixels), exponent);
    }
  }
  const factor = contrast > 0 ? 1 + contrast * (2 * next() - 1) : 1;
  const added = brightness > 0 ? brightness * (2 * next() - 1) : 0;
  const deviation = noise > 0 ? noise * next() : 0;
  if (factor === 1 && added === 0 && deviation === 0) return;
  for (let pixel = 0; pixel < tile.length; pixel++) {
    const grain = deviation > 0 ? deviation * gaussian(next) : 0;
    tile[pixel] = factor * tile[pixel] + added + grain;
  }
}

/**
 * Applies v -> v^exponent between the plane's extremes. Mean and standard deviation are restored,
 * as if the curve had been applied before normalisation.
 */
function curve(plane: Float32Array, exponent: number): void {
  const before = spread(plane);
  let [least, most] = [Infinity, -Infinity];
  for (const value of plane) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (least === most) return;
  for (let pixel = 0; pixel < plane.length; pixel++) {
    plane[pixel] = ((plane[pixel] - least) / (most - least)) ** exponent;
  }
  const after = spread(plane);
  const factor = before.deviation / after.deviation;
  for (let pixel = 0; pixel < plane.length; pixel++) {
    plane[pixel] = before.mean + factor * (plane[pixel] - after.mean);
  }
}
