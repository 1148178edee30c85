// Pixels of what a person looks at: the image, and colours that lie over it, an area at a time. Pure.

import type { Prediction, RawImage } from "../../../src/index.js";
import { IGNORED } from "../../../src/index.js";
import { entropyAt } from "../correct/uncertainty.js";
import type { Area } from "./geometry.js";

/** Rows of red, green, blue, alpha. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** Gives the colours of an area. */
export type Layer = (area: Area) => Pixels;

/** So many samples tell the usual range of a larger image as well. */
const RANGE_SAMPLES = 2 ** 17;

const ranges = new WeakMap<RawImage, readonly [number, number]>();

/** The darkest and the brightest value that are no outliers (1/200), as shares of the maximum. */
export function usualRange(raw: RawImage): readonly [number, number] {
  const range = ranges.get(raw) ?? measuredRange(raw);
  ranges.set(raw, range);
  return range;
}

function measuredRange({ data, maximum }: RawImage): readonly [number, number] {
  const counts = new Uint32Array(maximum + 1);
  // Odd: an even one would meet the same few columns in each row.
  const stride = Math.floor(data.length / RANGE_SAMPLES) | 1;
  for (let i = 0; i < data.length; i += stride) counts[data[i]]++;
  const sampled = Math.ceil(data.length / stride);
  const quantile = (limit: number) => {
    let value = 0;
    for (let sum = counts[0]; sum <= limit; sum += counts[value]) value++;
    return value;
  };
  const [low, high] = [quantile(sampled / 200), quantile(sampled - sampled / 200)];
  return [low / maximum, (high > low ? high : low + 1) / maximum];
}

/** The values seen as black and as white (shares of the maximum): shares of the usual range. */
export function contrastRange(
  raw: RawImage,
  [black, white]: readonly [number, number],
): readonly [number, number] {
  const [low, high] = usualRange(raw);
  return [low + black * (high - low), low + white * (high - low)];
}

/** The image with `low` (share of the maximum) as black and `high` as white. */
export function imageLayer(raw: RawImage, [low, high]: readonly [number, number]): Layer {
  const { height, channels, maximum, data } = raw;
  const plane = raw.width * height;
  const [green, blue] = channels < 3 ? [0, 0] : [plane, 2 * plane];
  const scale = 255 / Math.max(1e-6, high - low);
  // What each stored value is seen as: large images have more pixels than values.
  const seen = new Uint8ClampedArray(maximum + 1);
  for (let value = 0; value <= maximum; value++) seen[value] = scale * (value / maximum - low);
  return inArea(raw.width, (pixels, at, pixel) => {
    pixels[at] = seen[data[pixel]];
    pixels[at + 1] = seen[data[green + pixel]];
    pixels[at + 2] = seen[data[blue + pixel]];
    pixels[at + 3] = 255;
  });
}

/** A layer of an image `width` pixels wide, whose pixels `set` sets: `pixels[at]` to `at + 3`. */
function inArea(
  imageWidth: number,
  set: (pixels: Pixels, at: number, pixel: number) => void,
): Layer {
  return ({ x, y, width, height }) => {
    const pixels = new Uint8ClampedArray(4 * width * height);
    let at = 0;
    for (let row = y; row < y + height; row++) {
      const first = row * imageWidth + x;
      for (let column = 0; column < width; column++, at += 4) set(pixels, at, first + column);
    }
    return pixels;
  };
}

/** Class indices in their colours; what nobody labelled is clear. */
export function classLayer(
  indices: Uint8Array,
  imageWidth: number,
  colours: readonly string[],
): Layer {
  const table = colours.map(rgb);
  return inArea(imageWidth, (pixels, at, pixel) => {
    const index = indices[pixel];
    if (index === IGNORED) return;
    const colour = table[index];
    pixels[at] = colour[0];
    pixels[at + 1] = colour[1];
    pixels[at + 2] = colour[2];
    pixels[at + 3] = 255;
  });
}

/**
 * A prediction in its classes' colours, the surer the more opaque: two classes part at `threshold`,
 * more classes take the likeliest.
 */
export function predictionLayer(
  { width, height, classes, probabilities }: Prediction,
  threshold: number,
  colours: readonly string[],
): Layer {
  const table = colours.map(rgb);
  const count = width * height;
  return inArea(width, (pixels, at, pixel) => {
    let index = 0;
    if (classes === 2) index = Number(probabilities[count + pixel] > threshold);
    else {
      for (let other = 1; other < classes; other++) {
        if (probabilities[other * count + pixel] > probabilities[index * count + pixel]) {
          index = other;
        }
      }
    }
    const colour = table[index];
    pixels[at] = colour[0];
    pixels[at + 1] = colour[1];
    pixels[at + 2] = colour[2];
    pixels[at + 3] = 90 + 165 * probabilities[index * count + pixel];
  });
}

/** Doubt in one strong colour: clear where the network is sure. */
export function doubtLayer(prediction: Prediction): Layer {
  return inArea(prediction.width, (pixels, at, pixel) => {
    pixels[at] = 220;
    pixels[at + 1] = 40;
    pixels[at + 2] = 90;
    pixels[at + 3] = 255 * entropyAt(prediction, pixel);
  });
}

/** "#rrggbb" as three numbers. */
export function rgb(colour: string): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
