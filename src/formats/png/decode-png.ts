// Decodes PNG files to the integers that they store, with one decoder for Node and pages, which
// differ in the inflate function. pngjs, which writes the files in Node, reads them to eight bytes
// per pixel, checks neither checksums nor lengths, and returns neither palette indices nor the
// transparent colour.

import type { RawImage } from "../../data/image-types.js";
import { type PngStructure, readStructure } from "./chunks.js";
import { unfilter } from "./filters.js";
import { type Inflate, inflateRows } from "./inflate-rows.js";
import { keyed, withColours } from "./transparency.js";

/** Samples per pixel by colour type. */
export const SAMPLES = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

/** First column, first row, steps of columns and of rows, for a whole image or a pass of Adam7. */
type Place = readonly [x: number, y: number, dx: number, dy: number];
const WHOLE: readonly Place[] = [[0, 0, 1, 1]];
const ADAM7: readonly Place[] = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

interface Pass {
  readonly place: Place;
  readonly rows: number;
  readonly columns: number;
  /** Without the first byte of each row, which is the number of its filter. */
  readonly rowBytes: number;
}

type Plane = Uint8Array | Uint16Array;

/**
 * Decodes a PNG file of any colour type, bit depth and interlacing to its stored integers. Gamma is
 * ignored. A palette gives its colours, 8 bits each, as well as the indices; `alpha` is the alpha
 * channel, or follows from a transparency chunk: 0 for the pixels of its colour, or by palette
 * entry. Anything after the pixels is ignored. Throws one sentence that names the file.
 */
export function decodePngWith(bytes: Uint8Array, fileName: string, inflate?: Inflate): RawImage {
  try {
    const structure = readStructure(bytes);
    const planes = readPlanes(structure, inflate);
    return imageOf(structure, planes);
  } catch (error) {
    throw new Error(`${fileName}: ${error instanceof Error ? error.message : error}`);
  }
}

function imageOf(structure: PngStructure, planes: Plane): RawImage {
  const { width, height, depth, colourType, transparency } = structure;
  const count = width * height;
  const maximum = 2 ** depth - 1;
  if (colourType === 3) return withColours(structure, planes as Uint8Array);
  const channels = colourType === 0 || colourType === 4 ? 1 : 3;
  const data = planes.subarray(0, channels * count);
  const image = { width, height, channels, maximum, data };
  if (colourType >= 4) return { ...image, alpha: planes.subarray(channels * count) };
  if (transparency === undefined || transparency.length !== 2 * channels) return image;
  return { ...image, alpha: keyed(image, transparency) };
}

/** All samples, with alpha as the last plane. */
function readPlanes(structure: PngStructure, inflate?: Inflate): Plane {
  const { width, height, depth, colourType, interlaced } = structure;
  const bits = SAMPLES[colourType] * depth;
  const passes = passesOf(width, height, bits, interlaced);
  const expected = passes.reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);
  const bytes = inflateRows(structure.compressed, expected, inflate);
  const count = SAMPLES[colourType] * width * height;
  const planes = depth === 16 ? new Uint16Array(count) : new Uint8Array(count);
  let position = 0;
  for (const { place, rows, columns, rowBytes } of passes) {
    const [left, top, dx, dy] = place;
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let i = 0; i < rows; i++) {
      const row = bytes.subarray(position + 1, position + 1 + rowBytes);
      unfilter(bytes[position], row, above, Math.max(1, bits >> 3));
      spread(row, structure, { start: (top + i * dy) * width + left, dx, columns }, planes);
      above = row;
      position += 1 + rowBytes;
    }
  }
  return planes;
}

function passesOf(width: number, height: number, bits: number, interlaced: boolean): Pass[] {
  const passes = (interlaced ? ADAM7 : WHOLE).map((place): Pass => {
    const [x, y, dx, dy] = place;
    const [columns, rows] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)];
    return { place, rows, columns, rowBytes: Math.ceil((columns * bits) / 8) };
  });
  return passes.filter(({ rows, columns }) => rows > 0 && columns > 0);
}

interface Line {
  readonly start: number;
  readonly dx: number;
  readonly columns: number;
}

/** Writes the samples of a row to their places: every `dx`-th pixel from `start` on. */
function spread(
  row: Uint8Array,
  { width, height, depth, colourType }: PngStructure,
  { start, dx, columns }: Line,
  planes: Plane,
): void {
  const samples = SAMPLES[colourType];
  const plane = width * height;
  if (samples === 1 && depth === 8 && dx === 1) {
    planes.set(row, start);
    return;
  }
  const mask = 2 ** depth - 1;
  for (let channel = 0; channel < samples; channel++) {
    let target = channel * plane + start;
    let sample = channel;
    for (let column = 0; column < columns; column++, target += dx, sample += samples) {
      if (depth === 8) planes[target] = row[sample];
      else if (depth === 16) planes[target] = (row[2 * sample] << 8) | row[2 * sample + 1];
      else {
        const bit = sample * depth;
        planes[target] = (row[bit >> 3] >> (8 - depth - (bit & 7))) & mask;
      }
    }
  }
}
