// PNG bytes to the integers that they store, and back, in Node: by pngjs, with the checks and the
// results of src/png, which does the same in a page.

import { deflateSync, inflateSync } from "node:zlib";
import { PNG } from "pngjs";
import type { RawImage } from "../data/types.js";
import type { Picture } from "../pictures/picture.js";
import { type PngStructure, readStructure, writeFile } from "../png/chunks.js";
import { type PaletteImage, paletteFile } from "../png/palette-png.js";
import { pictureImage } from "../png/picture-png.js";
import { checkCount, coloured, type PngImage, SAMPLES } from "../png/png.js";

export type { PngImage } from "../png/png.js";

/**
 * Decodes a PNG file of any colour type, bit depth and interlacing to its stored integers. Alpha
 * and gamma are left out. A palette gives its colours, 8 bits each, and the indices beside them.
 * Errors: one sentence that names the file.
 */
export function decodePng(bytes: Uint8Array, fileName: string): RawImage {
  try {
    return decode(readStructure(bytes));
  } catch (error) {
    throw new Error(`${fileName}: ${error instanceof Error ? error.message : error}`);
  }
}

function decode(structure: PngStructure): RawImage {
  const { width, height, depth, colourType } = structure;
  const pixels = unpack(structure);
  const count = width * height;
  const channels = SAMPLES[colourType] >= 3 ? 3 : 1;
  const data = depth === 16 ? new Uint16Array(channels * count) : new Uint8Array(channels * count);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < count; i++) data[channel * count + i] = pixels[4 * i + channel];
  }
  if (colourType === 3) return coloured(structure, data as Uint8Array);
  return { width, height, channels, maximum: 2 ** depth - 1, data };
}

/** Samples by fours, red, green, blue, alpha, as stored (grey in each of the three). */
function unpack(structure: PngStructure): ArrayLike<number> {
  try {
    checkPixels(structure);
    return PNG.sync.read(plainFile(structure), { skipRescale: true }).data;
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`it is a damaged PNG image (${reason})`);
  }
}

/**
 * Throws where the compressed pixels end early or are of another length than the header says: pngjs
 * 7 does not notice and gives uninitialised memory. (It does notice in an interlaced file.)
 */
function checkPixels(structure: PngStructure): void {
  const { width, height, depth, colourType, interlaced, compressed } = structure;
  if (interlaced) return;
  // Each row begins with a byte that names its filter.
  const expected = height * (1 + Math.ceil((width * SAMPLES[colourType] * depth) / 8));
  const { length } = inflateSync(compressed, { maxOutputLength: expected + 1 });
  if (length !== expected) throw new Error(`${length} bytes of pixels, expected ${expected}`);
}

/**
 * The file reduced to header and pixels. A palette file becomes a grey one of its indices: pngjs
 * would give their colours. Without a transparency chunk pngjs changes no grey value.
 */
function plainFile({ compressed, ...structure }: PngStructure): Buffer {
  const colourType = structure.colourType === 3 ? 0 : structure.colourType;
  return Buffer.from(writeFile({ ...structure, colourType }, compressed));
}

/** Encodes a grey or RGB image of 8 or 16 bits. Equal images give equal bytes. */
export function encodePng(image: PngImage): Uint8Array {
  checkCount(image);
  const { width, height, channels, bitDepth, data } = image;
  const count = width * height;
  const maximum = 2 ** bitDepth - 1;
  const samples = bitDepth === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let pixel = 0; pixel < count; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const value = Math.round(data[channel * count + pixel]);
      samples[pixel * channels + channel] = Math.max(0, Math.min(maximum, value));
    }
  }
  const png = new PNG({ width, height });
  png.data = Buffer.from(samples.buffer);
  const colorType = channels === 1 ? 0 : 2;
  return PNG.sync.write(png, {
    bitDepth,
    colorType,
    inputColorType: colorType,
    inputHasAlpha: false,
    deflateLevel: 6,
  });
}

/** Encodes class indices with the colours to show them in. Equal images give equal bytes. */
export function encodePalettePng(image: PaletteImage): Uint8Array {
  return paletteFile(image, (rows) => deflateSync(rows));
}

/** A picture as the bytes of a PNG file. */
export function picturePng(picture: Picture): Uint8Array {
  return encodePng(pictureImage(picture));
}
