// Joins planes that a file stores as pages into the channels of one image.

import type { RawImage, Samples } from "../../data/image-types.js";

/**
 * Returns one image with the channels of several. A look-up table of a channel is only for display:
 * the indices are the measured values. Throws if sizes or number types differ.
 */
export function joined(images: readonly RawImage[]): RawImage {
  if (images.length === 1) return images[0];
  const parts = images.map(measured);
  const [{ width, height, maximum, data }] = parts;
  for (const [i, part] of parts.entries()) {
    if (part.width !== width || part.height !== height) {
      throw new Error(
        `its channel ${i} has ${part.width}x${part.height} pixels, the first one ${width}x${height}`,
      );
    }
    if (part.maximum !== maximum || part.data.constructor !== data.constructor) {
      throw new Error(`its channel ${i} has another number type than the first one`);
    }
  }
  const length = parts.reduce((sum, part) => sum + part.data.length, 0);
  const all = new (data.constructor as new (length: number) => Samples)(length);
  let at = 0;
  for (const part of parts) {
    all.set(part.data, at);
    at += part.data.length;
  }
  const channels = parts.reduce((sum, part) => sum + part.channels, 0);
  const inverted = parts.some((part) => part.inverted);
  return { width, height, channels, maximum, data: all, ...(inverted ? { inverted } : {}) };
}

function measured(image: RawImage): RawImage {
  const { width, height, indices } = image;
  if (indices === undefined) return image;
  const maximum = indices instanceof Uint16Array ? 65535 : 255;
  return { width, height, channels: 1, maximum, data: indices };
}
