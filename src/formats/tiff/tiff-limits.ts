// Limits, so that no file takes more time or memory than its size and its pixels justify.

import type { Layout } from "./page-layout.js";

/**
 * More numbers than this would need gigabytes; this is more often a damaged header than an image.
 */
export const MOST_SAMPLES = 2 ** 28;

/** Returns the bytes of the arrays of an image, including intermediate ones. */
export function outputBytes({ width, height, samples, bits, photometric, orientation }: Layout) {
  const each = bits[0] <= 8 ? 1 : bits[0] <= 16 ? 2 : bits[0] <= 32 ? 4 : 8;
  const coloured = photometric === 3 ? each + 3 : each;
  return width * height * samples * coloured * (orientation === 1 ? 1 : 2);
}
