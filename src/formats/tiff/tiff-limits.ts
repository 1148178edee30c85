// Bounds, so that no file takes more time or memory than its size and its pixels explain.

import type { Layout } from "./page-layout.js";

/** More numbers than this would need gigabytes: a damaged header more often than an image. */
export const MOST_SAMPLES = 2 ** 28;

/** Bytes of the arrays that an image becomes, with those that it passes through. */
export function outputBytes({ width, height, samples, bits, photometric, orientation }: Layout) {
  const each = bits[0] <= 8 ? 1 : bits[0] <= 16 ? 2 : bits[0] <= 32 ? 4 : 8;
  const coloured = photometric === 3 ? each + 3 : each;
  return width * height * samples * coloured * (orientation === 1 ? 1 : 2);
}
