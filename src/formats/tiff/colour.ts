// Palettes.

import { type Directories, type Directory, damaged, valuesOf } from "./directory.js";
import { type Layout, TAGS } from "./page-layout.js";

/**
 * Returns the image for palette indices: one channel if all colours are grey, else three. The
 * palette has 16 bits per colour, of which 8 are kept; if a writer stored values of 8 bits, they
 * are used as such.
 */
export async function paletteOf(file: Directories, directory: Directory, { bits }: Layout) {
  const entries = 2 ** bits[0];
  const palette = await valuesOf(file.reader, directory, TAGS.ColorMap);
  if (palette?.length !== 3 * entries) {
    throw damaged(`its tag ColorMap has ${palette?.length ?? 0} values, expected ${3 * entries}`);
  }
  const shift = palette.every((value) => value < 256) ? 0 : 8;
  const colours = Uint8Array.from(palette, (value) => value >> shift);
  const isGrey = palette.every((value, i) => value === palette[i % entries]);
  const channels = isGrey ? 1 : 3;
  return (indices: Uint8Array | Uint16Array) => {
    const data = new Uint8Array(channels * indices.length);
    for (let channel = 0; channel < channels; channel++) {
      const start = channel * indices.length;
      const table = colours.subarray(channel * entries, (channel + 1) * entries);
      for (let i = 0; i < indices.length; i++) data[start + i] = table[indices[i]];
    }
    return { channels, maximum: 255, data, indices };
  };
}
