// Joins images whose channels are in separate files.

import type { RawImage, Samples } from "./image-types.js";

/**
 * Joins several grey images to one image, with its channels in this order. `names` are those of the
 * files, for errors. Throws if sizes or number types differ, or a file is not grey.
 */
export function joinChannels(images: readonly RawImage[], names: readonly string[]): RawImage {
  const [first] = images;
  if (images.length === 1) return first;
  const { width, height, maximum } = first;
  const size = ({ width, height }: RawImage) => `${width}x${height}`;
  for (const [i, image] of images.entries()) {
    if (image.channels !== 1) {
      throw new Error(
        `${names[i]}: it has ${image.channels} channels, expected 1: it is a channel of one image`,
      );
    }
    const both = (a: unknown, b: unknown) =>
      `${names[i]} is ${a}, but ${names[0]} is ${b}, expected equal: they are channels of one image`;
    if (size(image) !== size(first)) throw new Error(both(size(image), size(first)));
    if (image.maximum !== maximum || image.data.constructor !== first.data.constructor) {
      const kind = (one: RawImage) => `of numbers up to ${one.maximum}`;
      throw new Error(both(kind(image), kind(first)));
    }
  }
  const count = width * height;
  const Kind = first.data.constructor as new (length: number) => Samples;
  const data = new Kind(images.length * count);
  for (const [i, image] of images.entries()) data.set(image.data, i * count);
  const pixelSize = images.find((image) => image.pixelSize)?.pixelSize;
  const known = pixelSize ? { pixelSize } : {};
  return { width, height, channels: images.length, maximum, data, ...known };
}
