// PNG files in the browser, 8 and 16 bits.

import { decode, encode } from "fast-png";
import type { RawImage } from "../../../src/index.js";

/** Decodes a grey or colour PNG file; alpha is left out. Errors name the file. */
export function decodePng(bytes: Uint8Array, fileName: string): RawImage {
  let png: ReturnType<typeof decode>;
  try {
    png = decode(bytes);
  } catch (error) {
    throw new Error(
      `${fileName}: it is no PNG image (${error instanceof Error ? error.message : error})`,
    );
  }
  const { width, height, depth, palette } = png;
  if (depth < 8) throw new Error(`${fileName}: it has ${depth} bits a sample, expected 8 or 16`);
  const count = width * height;
  const plane = (channels: number) =>
    depth === 16 ? new Uint16Array(channels * count) : new Uint8Array(channels * count);
  if (palette) {
    const indices = Uint8Array.from(png.data);
    const data = plane(3);
    for (let i = 0; i < data.length; i++) {
      data[i] = palette[indices[i % count]][Math.floor(i / count)];
    }
    return { width, height, channels: 3, maximum: 255, data, indices };
  }
  const channels = png.channels < 3 ? 1 : 3;
  const data = plane(channels);
  for (let i = 0; i < data.length; i++) {
    data[i] = png.data[(i % count) * png.channels + Math.floor(i / count)];
  }
  return { width, height, channels, maximum: 2 ** depth - 1, data };
}

/** Encodes planes of whole numbers, grey or RGB, of 8 or 16 bits. */
export function encodePng({ width, height, channels, maximum, data }: RawImage): Uint8Array {
  const count = width * height;
  const depth = maximum > 255 ? 16 : 8;
  const samples = depth === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    samples[(i % count) * channels + Math.floor(i / count)] = data[i];
  }
  return encode({ width, height, channels, depth, data: samples });
}
