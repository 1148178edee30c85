// Pixels of what a person looks at: the image, and colours that lie over it. Pure.

import type { Prediction, RawImage } from "../../../src/index.js";
import { IGNORED } from "../../../src/index.js";
import type { Area } from "./geometry.js";

/** Rows of red, green, blue, alpha. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** The darkest and the brightest value that are no outliers (1/200), as shares of the maximum. */
export function usualRange({ data, maximum }: RawImage): readonly [number, number] {
  const counts = new Uint32Array(maximum + 1);
  for (let i = 0; i < data.length; i++) counts[data[i]]++;
  const cut = data.length / 200;
  const quantile = (limit: number) => {
    let sum = 0;
    return counts.findIndex((count) => {
      sum += count;
      return sum > limit;
    });
  };
  const [low, high] = [quantile(cut), quantile(data.length - cut)];
  return [low / maximum, (high > low ? high : low + 1) / maximum];
}

/** The image with `low` (share of the maximum) as black and `high` as white. */
export function imagePixels(raw: RawImage, [low, high]: readonly [number, number]): Pixels {
  const { width, height, channels, maximum, data } = raw;
  const count = width * height;
  const pixels = new Uint8ClampedArray(4 * count);
  const scale = 255 / Math.max(1e-6, high - low);
  const plane = channels < 3 ? 0 : count;
  for (let pixel = 0; pixel < count; pixel++) {
    const at = 4 * pixel;
    for (let channel = 0; channel < 3; channel++) {
      pixels[at + channel] = scale * (data[channel * plane + pixel] / maximum - low);
    }
    pixels[at + 3] = 255;
  }
  return pixels;
}

/** Class indices in their colours; what nobody labelled is clear. */
export function classPixels(
  indices: Uint8Array,
  imageWidth: number,
  colours: readonly string[],
  area: Area,
): Pixels {
  const table = colours.map(rgb);
  const pixels = new Uint8ClampedArray(4 * area.width * area.height);
  let to = 0;
  for (let y = area.y; y < area.y + area.height; y++) {
    for (let x = area.x; x < area.x + area.width; x++, to += 4) {
      const index = indices[y * imageWidth + x];
      if (index === IGNORED) continue;
      const colour = table[index];
      pixels[to] = colour[0];
      pixels[to + 1] = colour[1];
      pixels[to + 2] = colour[2];
      pixels[to + 3] = 255;
    }
  }
  return pixels;
}

/**
 * A prediction in its classes' colours, the surer the more opaque: two classes part at `threshold`,
 * more classes take the likeliest.
 */
export function predictionPixels(
  { width, height, classes, probabilities }: Prediction,
  threshold: number,
  colours: readonly string[],
): Pixels {
  const table = colours.map(rgb);
  const count = width * height;
  const pixels = new Uint8ClampedArray(4 * count);
  for (let pixel = 0; pixel < count; pixel++) {
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
    const at = 4 * pixel;
    pixels[at] = colour[0];
    pixels[at + 1] = colour[1];
    pixels[at + 2] = colour[2];
    pixels[at + 3] = 90 + 165 * probabilities[index * count + pixel];
  }
  return pixels;
}

/** Doubt in one strong colour: clear where the network is sure. */
export function uncertaintyPixels(entropies: Float32Array): Pixels {
  const pixels = new Uint8ClampedArray(4 * entropies.length);
  for (let pixel = 0; pixel < entropies.length; pixel++) {
    pixels.set([220, 40, 90, 255 * entropies[pixel]], 4 * pixel);
  }
  return pixels;
}

/** "#rrggbb" as three numbers. */
export function rgb(colour: string): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
