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

/** The integers of an image file: of a PNG file as they are stored, else 8 bits of grey or RGB. */
export async function readImage(file: Blob, name: string): Promise<RawImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (String.fromCharCode(...bytes.subarray(1, 4)) === "PNG") return decodePng(bytes, name);
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${name}: this browser cannot read it as an image`);
  });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context?.drawImage(bitmap, 0, 0);
  const rgba = context?.getImageData(0, 0, width, height).data ?? [];
  const count = width * height;
  const data = new Uint8Array(3 * count);
  for (let i = 0; i < data.length; i++) data[i] = rgba[4 * (i % count) + Math.floor(i / count)];
  const isGrey = data.every((value, i) => value === data[i % count]);
  const channels = isGrey ? 1 : 3;
  return { width, height, channels, maximum: 255, data: data.subarray(0, channels * count) };
}
