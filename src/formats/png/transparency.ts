// Applies a palette and a transparency chunk (tRNS; PNG specification, section 11.3.2) to the
// stored samples.

import type { RawImage } from "../../data/image-types.js";
import type { PngStructure } from "./chunks.js";

type Sized = Pick<RawImage, "width" | "height" | "channels" | "maximum">;

/**
 * Returns the alpha of an image in which one colour is transparent; the chunk has 16 bits per
 * channel.
 */
export function keyed(
  { width, height, channels, maximum, data }: Sized & { data: Uint8Array | Uint16Array },
  transparency: Uint8Array,
): Uint8Array | Uint16Array {
  const count = width * height;
  const alpha = maximum > 255 ? new Uint16Array(count) : new Uint8Array(count);
  for (let channel = 0; channel < channels; channel++) {
    // With fewer bits, only the lowest are used.
    const key = ((transparency[2 * channel] << 8) | transparency[2 * channel + 1]) & maximum;
    const start = channel * count;
    for (let i = 0; i < count; i++) if (data[start + i] !== key) alpha[i] = maximum;
  }
  return alpha;
}

/** Returns a palette image from its indices. Throws for an index without a colour. */
export function withColours(structure: PngStructure, indices: Uint8Array): RawImage {
  const { width, height, palette = new Uint8Array(0), transparency } = structure;
  const entries = Math.floor(palette.length / 3);
  let highest = 0;
  for (let i = 0; i < indices.length; i++) if (indices[i] > highest) highest = indices[i];
  if (highest >= entries) {
    throw new Error(`it uses palette index ${highest}, expected one below ${entries}`);
  }
  const isGrey = palette.every((value, i) => value === palette[i - (i % 3)]);
  const channels = isGrey ? 1 : 3;
  const data = new Uint8Array(channels * indices.length);
  for (let channel = 0; channel < channels; channel++) {
    const colours = new Uint8Array(256);
    for (let entry = 0; entry < entries; entry++) colours[entry] = palette[3 * entry + channel];
    look(indices, colours, data.subarray(channel * indices.length));
  }
  const image = { width, height, channels, maximum: 255, data, indices };
  if (transparency === undefined || transparency.length > entries) return image;
  // Entries that it does not contain are opaque.
  const opacities = new Uint8Array(256).fill(255);
  opacities.set(transparency);
  const alpha = new Uint8Array(indices.length);
  look(indices, opacities, alpha);
  return { ...image, alpha };
}

function look(indices: Uint8Array, table: Uint8Array, target: Uint8Array): void {
  for (let i = 0; i < indices.length; i++) target[i] = table[indices[i]];
}
