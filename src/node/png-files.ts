// PNG files in Node: read by src/formats/png with Node's zlib, which takes a third of the time of
// the decoder for pages, and written by pngjs. The pixels are the same as those of the encoder for
// pages; the bytes can differ.

import { deflateSync, inflateSync } from "node:zlib";
import { PNG } from "pngjs";
import type { RawImage } from "../data/image-types.js";
import { decodePngWith } from "../formats/png/decode-png.js";
import { type PaletteImage, paletteFile } from "../formats/png/palette-png.js";
import { pictureImage } from "../formats/png/picture-png.js";
import { checkCount, type PngImage } from "../formats/png/png.js";
import type { Picture } from "../pictures/picture.js";

export type { PngImage } from "../formats/png/png.js";

/** Decodes a PNG file in Node; see `decodePngWith`. */
export function decodePng(bytes: Uint8Array, fileName: string): RawImage {
  return decodePngWith(bytes, fileName, inflate);
}

function inflate(zlib: Uint8Array, expected: number): Uint8Array {
  // One more byte of space detects excess; in one piece nothing is copied.
  const room = expected + 1;
  return inflateSync(zlib, { maxOutputLength: room, chunkSize: Math.max(64, room) });
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

/** Encodes class indices with colours for display. Equal images give equal bytes. */
export function encodePalettePng(image: PaletteImage): Uint8Array {
  return paletteFile(image, (rows) => deflateSync(rows));
}

/** Encodes a picture as a PNG file. */
export function picturePng(picture: Picture): Uint8Array {
  return encodePng(pictureImage(picture));
}
