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
  const stored = depth < 8 ? unpacked(png) : png.data;
  const count = width * height;
  const plane = (channels: number) =>
    depth === 16 ? new Uint16Array(channels * count) : new Uint8Array(channels * count);
  if (palette) {
    const indices = Uint8Array.from(stored);
    const data = plane(3);
    for (let i = 0; i < data.length; i++) {
      data[i] = palette[indices[i % count]][Math.floor(i / count)];
    }
    return { width, height, channels: 3, maximum: 255, data, indices };
  }
  const channels = png.channels < 3 ? 1 : 3;
  const data = plane(channels);
  for (let i = 0; i < data.length; i++) {
    data[i] = stored[(i % count) * png.channels + Math.floor(i / count)];
  }
  return { width, height, channels, maximum: 2 ** depth - 1, data };
}

/** Samples of 1, 2 or 4 bits, which share bytes: each row begins a new one. */
function unpacked({ width, height, depth, data }: ReturnType<typeof decode>): Uint8Array {
  const samples = new Uint8Array(width * height);
  const rowBytes = Math.ceil((width * depth) / 8);
  for (let i = 0; i < samples.length; i++) {
    const bit = (i % width) * depth;
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)];
    samples[i] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  }
  return samples;
}

/** Encodes planes of whole numbers, grey or RGB. */
export function encodePng(image: {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bitDepth: 8 | 16;
  readonly data: ArrayLike<number>;
}): Uint8Array {
  const { width, height, channels, bitDepth: depth, data } = image;
  const count = width * height;
  const samples = depth === 16 ? new Uint16Array(data.length) : new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) {
    samples[(i % count) * channels + Math.floor(i / count)] = Math.round(data[i]);
  }
  return encode({ width, height, channels, depth, data: samples });
}
