// From the numbers of a file to values.

import type { Image, StoredImage } from "./image-types.js";

/**
 * The image's numbers over `maximum`, the largest of their kind: 0 to 1 where they have no sign; floats
 * as stored. An image of values already is handed back itself.
 */
export function imageFromRaw({ width, height, channels, maximum = 1, data }: StoredImage): Image {
  if (data instanceof Float32Array && maximum === 1) return { width, height, channels, data };
  const values = new Float32Array(data.length);
  for (let i = 0; i < values.length; i++) values[i] = data[i] / maximum;
  return { width, height, channels, data: values };
}
