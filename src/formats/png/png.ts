// PNG files in pages, where a canvas would return 8 bits and colours of a colour space. Deflate is
// fflate's. Of the PNG libraries, pngjs, which writes the files in Node, needs Node's Buffer and
// zlib, and fast-png reads interlaced files only with 8 and 16 bits.

import { zlibSync } from "fflate";
import type { RawImage } from "../../data/image-types.js";
import { writeFile } from "./chunks.js";
import { decodePngWith } from "./decode-png.js";
import { filterRow } from "./filters.js";
import { type PaletteImage, paletteFile } from "./palette-png.js";

/** An image to encode: whole numbers in the range of the bit depth. */
export interface PngImage {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** 1: grey. 3: red, green and blue. */
  readonly channels: 1 | 3;
  /** Bits of a value. */
  readonly bitDepth: 8 | 16;
  /** [channels][height][width]; values are rounded and clamped. */
  readonly data: ArrayLike<number>;
}

/** Decodes a PNG file in a page; see `decodePngWith`. */
export function decodePng(bytes: Uint8Array, fileName: string): RawImage {
  return decodePngWith(bytes, fileName);
}

/** Encodes a grey or RGB image of 8 or 16 bits. Equal images give equal bytes. */
export function encodePng(image: PngImage): Uint8Array {
  checkCount(image);
  const { width, height, channels, bitDepth, data } = image;
  const count = width * height;
  const maximum = 2 ** bitDepth - 1;
  const step = (channels * bitDepth) / 8;
  const rowBytes = width * step;
  const filtered = new Uint8Array(height * (1 + rowBytes));
  let [row, above] = [new Uint8Array(rowBytes), new Uint8Array(rowBytes)];
  for (let y = 0; y < height; y++) {
    let at = 0;
    for (let pixel = y * width; pixel < (y + 1) * width; pixel++) {
      for (let channel = 0; channel < channels; channel++) {
        const rounded = Math.round(data[channel * count + pixel]);
        const value = Math.max(0, Math.min(maximum, rounded));
        if (bitDepth === 16) row[at++] = value >> 8;
        row[at++] = value;
      }
    }
    filterRow(row, above, step, filtered.subarray(y * (1 + rowBytes)));
    [row, above] = [above, row];
  }
  const colourType = channels === 1 ? 0 : 2;
  return writeFile({ width, height, depth: bitDepth, colourType }, zlibSync(filtered));
}

/** Throws unless there is one value per sample of the image. */
export function checkCount({ width, height, channels, data }: PngImage): void {
  const count = channels * width * height;
  if (data.length === count) return;
  throw new RangeError(
    `encodePng: got ${data.length} values for ${width}x${height}x${channels}, expected ${count}`,
  );
}

/** Encodes class indices with colours for display. */
export function encodePalettePng(image: PaletteImage): Uint8Array {
  return paletteFile(image, (rows) => zlibSync(rows));
}
