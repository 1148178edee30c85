// The eight symmetries of the square, applied to images of any size: for the mean over turned and
// flipped views of an image at prediction (Ronneberger et al. 2015, section 4.1, use seven).

import type { Planes, Samples } from "./image-types.js";

/** The number of symmetries. */
export const SYMMETRIES = 8;

/** Values [channels][height][width] with their size. */
export type Sized<T extends Samples> = Planes & { readonly data: T };

/**
 * Returns view `index` of an image, 0 to 7: from 4 on first flipped left to right, then turned
 * counter-clockwise by `index` mod 4 quarter turns. Odd quarter turns swap width and height.
 */
export function symmetricView<T extends Samples>(image: Sized<T>, index: number): Sized<T> {
  checkIndex(index);
  return turned(index >= 4 ? flipped(image) : image, index % 4);
}

/** Returns the image of which `view` is view `index`: the inverse of `symmetricView`. */
export function fromSymmetricView<T extends Samples>(view: Sized<T>, index: number): Sized<T> {
  checkIndex(index);
  const upright = turned(view, (4 - (index % 4)) % 4);
  return index >= 4 ? flipped(upright) : upright;
}

function checkIndex(index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < SYMMETRIES) return;
  throw new RangeError(`a symmetry of the square is 0 to ${SYMMETRIES - 1}, got ${index}`);
}

function flipped<T extends Samples>(image: Sized<T>): Sized<T> {
  const { width } = image;
  return mapped(image, width, image.height, (x, y) => y * width + width - 1 - x);
}

/** Turns counter-clockwise: after one turn the right edge is at the top. */
function turned<T extends Samples>(image: Sized<T>, turns: number): Sized<T> {
  const { width, height } = image;
  if (turns === 1) return mapped(image, height, width, (x, y) => x * width + width - 1 - y);
  if (turns === 2)
    return mapped(image, width, height, (x, y) => (height - 1 - y) * width + width - 1 - x);
  if (turns === 3) return mapped(image, height, width, (x, y) => (height - 1 - x) * width + y);
  return image;
}

/** Returns planes whose pixel (x, y) is the pixel `from(x, y)` of the image. */
function mapped<T extends Samples>(
  { channels = 1, data }: Sized<T>,
  width: number,
  height: number,
  from: (x: number, y: number) => number,
): Sized<T> {
  const result = data.slice() as T;
  const count = width * height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const source = from(x, y);
      for (let channel = 0; channel < channels; channel++) {
        result[channel * count + y * width + x] = data[channel * count + source];
      }
    }
  }
  return { width, height, channels, data: result };
}
