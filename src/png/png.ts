// PNG bytes to the integers that they store, and back, in a page, where a canvas would give 8 bits and
// colours of a colour space. Deflate is fflate's: of the libraries for PNG, pngjs, which Node has,
// needs Node's Buffer and zlib, and fast-png reads interlaced files of 8 and 16 bits alone.

import { unzlibSync, zlibSync } from "fflate";
import type { RawImage } from "../data/types.js";
import { type PngStructure, readStructure, writeFile } from "./chunks.js";
import { filterRow, unfilter } from "./filters.js";
import { type PaletteImage, paletteFile } from "./palette-png.js";

/** An image to be written: whole numbers of the bit depth's range. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bitDepth: 8 | 16;
  /** [channels][height][width]; values are rounded and clamped. */
  readonly data: ArrayLike<number>;
}

/** Samples a pixel by colour type. */
export const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** First column, first row, steps of columns and of rows: of a whole image, of Adam7's passes. */
type Pass = readonly [x: number, y: number, dx: number, dy: number];
const WHOLE: readonly Pass[] = [[0, 0, 1, 1]];
const ADAM7: readonly Pass[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

/**
 * Decodes a PNG file of any colour type, bit depth and interlacing to its stored integers. Alpha
 * and gamma are left out. A palette gives its colours, 8 bits each, and the indices beside them.
 * Errors: one sentence that names the file.
 */
export function decodePng(bytes: Uint8Array, fileName: string): RawImage {
  try {
    const structure = readStructure(bytes);
    const { width, height, depth, colourType } = structure;
    const data = readPixels(structure);
    if (colourType === 3) return coloured(structure, data as Uint8Array);
    const channels = data.length / (width * height);
    return { width, height, channels, maximum: 2 ** depth - 1, data };
  } catch (error) {
    throw new Error(`${fileName}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The samples as planes, alpha left out. */
function readPixels(structure: PngStructure): Uint8Array | Uint16Array {
  const { width, height, depth, colourType, interlaced } = structure;
  const bits = SAMPLES[colourType] * depth;
  const passes = (interlaced ? ADAM7 : WHOLE)
    .map((pass) => {
      const [x, y, dx, dy] = pass;
      const [columns, rows] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)];
      return { pass, rows, rowBytes: Math.ceil((columns * bits) / 8), columns };
    })
    .filter(({ rows, columns }) => rows > 0 && columns > 0);
  // Each row begins with a byte that names its filter.
  const expected = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const bytes = inflate(structure.compressed, expected);
  const channels = SAMPLES[colourType] >= 3 ? 3 : 1;
  const count = channels * width * height;
  const planes = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  let position = 0;
  for (const { pass, rows, rowBytes, columns } of passes) {
    const [left, top, dx, dy] = pass;
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let i = 0; i < rows; i++) {
      const row = bytes.subarray(position + 1, position + 1 + rowBytes);
      unfilter(bytes[position], row, above, Math.max(1, bits >> 3));
      const line = { start: (top + i * dy) * width + left, dx, columns };
      spread(row, structure, line, planes);
      above = row;
      position += 1 + rowBytes;
    }
  }
  return planes;
}

/** The decompressed bytes. Throws where there are more or fewer than expected. */
function inflate(compressed: Uint8Array, expected: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    // One byte of room tells that there are more, and bounds what a damaged file may take.
    bytes = unzlibSync(compressed, { out: new Uint8Array(expected + 1) });
  } catch (error) {
    throw new Error(`it is a damaged PNG image (${(error as Error).message})`);
  }
  if (bytes.length === expected) return bytes;
  const got = bytes.length > expected ? "more" : bytes.length;
  throw new Error(`it is a damaged PNG image (${got} bytes of pixels, expected ${expected})`);
}

/** Puts the samples of a row into their places: every `dx`-th pixel from `start` on. */
function spread(
  row: Uint8Array,
  { width, height, depth, colourType }: PngStructure,
  { start, dx, columns }: { start: number; dx: number; columns: number },
  planes: Uint8Array | Uint16Array,
): void {
  const samples = SAMPLES[colourType];
  const plane = width * height;
  const mask = 2 ** depth - 1;
  for (let channel = 0; channel < planes.length / plane; channel++) {
    const target = channel * plane + start;
    for (let column = 0; column < columns; column++) {
      const sample = column * samples + channel;
      const bit = sample * depth;
      planes[target + column * dx] =
        depth === 16
          ? (row[2 * sample] << 8) | row[2 * sample + 1]
          : (row[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
    }
  }
}

/** A palette image from its indices. */
export function coloured({ width, height, palette }: PngStructure, indices: Uint8Array): RawImage {
  const entries = (palette?.length ?? 0) / 3;
  const missing = indices.find((index) => index >= entries);
  if (palette === undefined || missing !== undefined) {
    throw new Error(
      `it uses palette index ${missing ?? 0}, expected one below ${Math.floor(entries)}`,
    );
  }
  const grey = palette.every((value, i) => value === palette[i - (i % 3)]);
  const channels = grey ? 1 : 3;
  const data = new Uint8Array(channels * indices.length);
  for (let i = 0; i < data.length; i++) {
    const channel = Math.floor(i / indices.length);
    data[i] = palette[3 * indices[i % indices.length] + channel];
  }
  return { width, height, channels, maximum: 255, data, indices };
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

/** Throws where the values are not as many as the image has samples. */
export function checkCount({ width, height, channels, data }: PngImage): void {
  const count = channels * width * height;
  if (data.length === count) return;
  throw new RangeError(
    `encodePng: got ${data.length} values for ${width}x${height}x${channels}, expected ${count}`,
  );
}

/** Encodes class indices with the colours to show them in. */
export function encodePalettePng(image: PaletteImage): Uint8Array {
  return paletteFile(image, (rows) => zlibSync(rows));
}
