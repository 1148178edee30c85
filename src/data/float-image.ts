// Converts the numbers of a file to values.

import type { Image, StoredImage } from "./image-types.js";

/**
 * Divides the numbers of an image by `maximum`, the largest of their kind: 0 to 1 for unsigned
 * numbers; floats as stored. An image of values is returned as it is.
 */
export function imageFromRaw({ width, height, channels, maximum = 1, data }: StoredImage): Image {
  if (data instanceof Float32Array && maximum === 1) return { width, height, channels, data };
  const values = new Float32Array(data.length);
  for (let i = 0; i < values.length; i++) values[i] = data[i] / maximum;
  return { width, height, channels, data: values };
}
