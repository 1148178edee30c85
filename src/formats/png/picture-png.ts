// Pictures as PNG files.

import type { Picture } from "../../data/image-types.js";
import { encodePng, type PngImage } from "./png.js";

/** Returns a picture as a PNG file. */
export function picturePng(picture: Picture): Uint8Array {
  return encodePng(pictureImage(picture));
}

/** Returns a picture as an image to encode: grey, which is smaller, if it has no colours. */
export function pictureImage({ width, height, data }: Picture): PngImage {
  const count = width * height;
  const planes = new Uint8Array(3 * count);
  let grey = true;
  for (let pixel = 0; pixel < count; pixel++) {
    const [r, g, b] = data.subarray(4 * pixel, 4 * pixel + 3);
    planes[pixel] = r;
    planes[count + pixel] = g;
    planes[2 * count + pixel] = b;
    grey &&= r === g && g === b;
  }
  const channels = grey ? 1 : 3;
  return { width, height, channels, bitDepth: 8, data: planes.subarray(0, channels * count) };
}
