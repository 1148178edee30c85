// PNG bytes to the integers that they store, and back.

import { PNG } from "pngjs";
import type { RawImage } from "../data/types.js";
import { checkPixels, type PngStructure, plainFile, readStructure } from "./png-chunks.js";

/** An image to be written: whole numbers of the bit depth's range. */
export interface PngImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bitDepth: 8 | 16;
  /** [channels][height][width]; values are rounded and clamped. */
  readonly data: ArrayLike<number>;
}

/**
 * Decodes a PNG file of any colour type, bit depth and interlacing to its stored integers. Alpha
 * and gamma are left out. A palette gives its colours, 8 bits each, and the indices beside them.
 * Errors: one sentence that names the file.
 */
export function decodePng(bytes: Uint8Array, fileName: string): RawImage {
  try {
    return decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch (error) {
    throw new Error(`${fileName}: ${error instanceof Error ? error.message : error}`);
  }
}

function decode(bytes: Buffer): RawImage {
  const structure = readStructure(bytes);
  const { width, height, depth, colourType } = structure;
  const pixels = unpack(structure);
  if (colourType === 3)
    return coloured(structure, plane(pixels, 0, new Uint8Array(width * height)));
  const channels = colourType === 2 || colourType === 6 ? 3 : 1;
  const data =
    depth === 16
      ? new Uint16Array(channels * width * height)
      : new Uint8Array(channels * width * height);
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * width * height;
    plane(pixels, channel, data.subarray(start, start + width * height));
  }
  return { width, height, channels, maximum: 2 ** depth - 1, data };
}

/** Samples by fours, red, green, blue, alpha, as stored (grey in each of the three). */
function unpack(structure: PngStructure): ArrayLike<number> {
  try {
    checkPixels(structure);
    return PNG.sync.read(plainFile(structure), { skipRescale: true }).data;
  } catch (error) {
    throw new Error(
      `it is a damaged PNG image (${error instanceof Error ? error.message : error})`,
    );
  }
}

function plane<T extends Uint8Array | Uint16Array>(
  pixels: ArrayLike<number>,
  channel: number,
  target: T,
): T {
  for (let i = 0; i < target.length; i++) target[i] = pixels[4 * i + channel];
  return target;
}

/** A palette image from its indices. */
function coloured({ width, height, palette }: PngStructure, indices: Uint8Array): RawImage {
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
  const { width, height, channels, bitDepth, data } = image;
  const count = width * height;
  if (data.length !== channels * count) {
    throw new RangeError(
      `encodePng: got ${data.length} values for ${width}x${height}x${channels}, ` +
        `expected ${channels * count}`,
    );
  }
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
