// Pictures in memory, and functions that draw rectangles, frames and other pictures into them.

import type { Colour, Picture } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";

export type { Colour, Picture } from "../data/image-types.js";

export const PAPER: Colour = [255, 255, 255];
export const INK: Colour = [38, 40, 44];

const lightness = ([r, g, b]: Colour) => 0.3 * r + 0.59 * g + 0.11 * b;
/** Whether a colour would be invisible on white. */
export const isPale = (colour: Colour) => lightness(colour) > 230;
/** Whether a colour would be invisible on black. */
export const isDark = (colour: Colour) => lightness(colour) < 40;

/** Returns a picture of one colour. */
export function blankPicture(width: number, height: number, colour: Colour = PAPER): Picture {
  return pictureOf(width, height, () => colour);
}

/** Returns the picture whose pixel `index` (row by row) has the colour `colourOf(index)`. */
export function pictureOf(
  width: number,
  height: number,
  colourOf: (index: number) => Colour,
): Picture {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let index = 0; index < width * height; index++) put(data, 4 * index, colourOf(index));
  return { width, height, data };
}

/** Writes a colour; `data.set` of three numbers takes ten times as long. */
function put(data: Uint8ClampedArray, at: number, colour: Colour): void {
  data[at] = colour[0];
  data[at + 1] = colour[1];
  data[at + 2] = colour[2];
}

/** Mixes `share` of the second colour with the rest of the first. */
export function mixed(first: Colour, second: Colour, share: number): Colour {
  const mix = (i: 0 | 1 | 2) => first[i] + share * (second[i] - first[i]);
  return [mix(0), mix(1), mix(2)];
}

/** Fills a rectangle, clipped to the picture. */
export function fillRectangle(
  picture: Picture,
  { x, y, width, height }: Tile,
  colour: Colour,
): void {
  const [left, right] = [Math.max(0, x), Math.min(picture.width, x + width)];
  for (let row = Math.max(0, y); row < Math.min(picture.height, y + height); row++) {
    for (let column = left; column < right; column++) {
      put(picture.data, 4 * (row * picture.width + column), colour);
    }
  }
}

/** Draws the frame of a rectangle, `thickness` pixels wide and inside it. */
export function drawFrame(picture: Picture, tile: Tile, colour: Colour, thickness = 2): void {
  const { x, y, width, height } = tile;
  const fill = (part: Tile) => fillRectangle(picture, part, colour);
  fill({ x, y, width, height: thickness });
  fill({ x, y: y + height - thickness, width, height: thickness });
  fill({ x, y, width: thickness, height });
  fill({ x: x + width - thickness, y, width: thickness, height });
}

/** Pastes a picture onto another, with its top left corner at (left, top); it must fit. */
export function paste(
  target: Picture,
  source: Picture,
  [left, top]: readonly [number, number],
): void {
  for (let y = 0; y < source.height; y++) {
    const row = source.data.subarray(4 * y * source.width, 4 * (y + 1) * source.width);
    target.data.set(row, 4 * ((top + y) * target.width + left));
  }
}

/**
 * Returns the picture with a width near `width` and the same proportions: enlarged by a whole
 * factor, so that pixels stay squares, or reduced by taking the mean over the area of each pixel.
 */
export function resized(source: Picture, width: number): Picture {
  if (source.width <= width) return enlarged(source, Math.max(1, Math.round(width / source.width)));
  const height = Math.max(1, Math.round((source.height * width) / source.width));
  const across = spans(source.width, width);
  const down = spans(source.height, height);
  return pictureOf(width, height, (index) => {
    const columns = across[index % width];
    const sum: [number, number, number] = [0, 0, 0];
    let total = 0;
    for (const { at: y, share: high } of down[Math.floor(index / width)]) {
      for (const { at: x, share } of columns) {
        const from = 4 * (y * source.width + x);
        for (let i = 0; i < 3; i++) sum[i] += high * share * source.data[from + i];
        total += high * share;
      }
    }
    return [sum[0] / total, sum[1] / total, sum[2] / total];
  });
}

function enlarged({ width, height, data }: Picture, factor: number): Picture {
  return pictureOf(width * factor, height * factor, (index) => {
    const x = Math.floor((index % (width * factor)) / factor);
    const y = Math.floor(index / (width * factor) / factor);
    const from = 4 * (y * width + x);
    return [data[from], data[from + 1], data[from + 2]];
  });
}

/**
 * Returns for each of `count` equal parts of `size` pixels the pixels in it, and how much of each.
 */
function spans(size: number, count: number): { at: number; share: number }[][] {
  return Array.from({ length: count }, (_, i) => {
    const [start, end] = [(i * size) / count, ((i + 1) * size) / count];
    const result = [];
    for (let at = Math.floor(start); at < Math.min(size, Math.ceil(end - 1e-9)); at++) {
      result.push({ at, share: Math.min(at + 1, end) - Math.max(at, start) });
    }
    return result;
  });
}
