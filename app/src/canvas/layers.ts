// The pixels of the displayed image, one area at a time. Pure.

import type { RawImage, Samples } from "../../../src/index.js";
import type { Area } from "./geometry.js";

/** Rows of red, green, blue, alpha. */
export type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** Gives the colours of an area. */
export type Layer = (area: Area) => Pixels;

/** Number of samples of a channel that suffice to find the usual range of a larger image. */
const RANGE_SAMPLES = 2 ** 14;

/** The values displayed as black and as white. */
export type Range = readonly [black: number, white: number];

const ranges = new WeakMap<RawImage, readonly Range[]>();

/**
 * The darkest and the brightest value of each displayed channel, without outliers (1/200). The three
 * channels of a colour image share one range, to keep its colour balance. NaN does not count.
 */
export function usualRanges(raw: RawImage): readonly Range[] {
  const known = ranges.get(raw) ?? measuredRanges(raw);
  ranges.set(raw, known);
  return known;
}

function measuredRanges({ data, channels }: RawImage): Range[] {
  if (channels === 3) {
    const range = measuredRange(data);
    return [range, range, range];
  }
  const count = data.length / channels;
  // Only the displayed ones.
  return Array.from({ length: Math.min(3, channels) }, (_, channel) =>
    measuredRange(data.subarray(channel * count, (channel + 1) * count)),
  );
}

function measuredRange(values: Samples): Range {
  // Odd: an even step would sample the same few columns in each row.
  const stride = Math.floor(values.length / RANGE_SAMPLES) | 1;
  const sampled = new Float64Array(Math.ceil(values.length / stride));
  let count = 0;
  for (let i = 0; i < values.length; i += stride) {
    if (Number.isFinite(values[i])) sampled[count++] = values[i];
  }
  if (count === 0) return [0, 1];
  const sorted = sampled.subarray(0, count).sort();
  const low = sorted[Math.floor(count / 200)];
  const high = sorted[Math.floor(count - count / 200)];
  if (high > low) return [low, high];
  // Nearly all values are equal: show the range of the others.
  const [least, most] = [sorted[0], sorted[count - 1]];
  return most > least ? [least, most] : [low, low + 1];
}

/** The values displayed as black and as white in each channel: shares of its usual range. */
export function contrastRanges(raw: RawImage, [black, white]: Range): readonly Range[] {
  return usualRanges(raw).map(([low, high]) => [
    low + black * (high - low),
    low + white * (high - low),
  ]);
}

/**
 * The channels displayed as red, green and blue. Of two channels the second is green and the first
 * magenta, which colour-blind readers can distinguish; of four or more, the first three.
 */
function seenChannels(channels: number): readonly [red: number, green: number, blue: number] {
  if (channels === 1) return [0, 0, 0];
  return channels === 2 ? [0, 1, 0] : [0, 1, 2];
}

/** The image with a range of values for each channel, as `contrastRanges` gives them. NaN is black. */
export function imageLayer(raw: RawImage, of: readonly Range[]): Layer {
  const { channels, data } = raw;
  const plane = raw.width * raw.height;
  const [red, green, blue] = seenChannels(channels);
  const part = (channel: number) => {
    const [low, high] = of[channel];
    return { first: channel * plane, low, scale: 255 / (high - low) };
  };
  const [r, g, b] = [part(red), part(green), part(blue)];
  return inArea(raw.width, (pixels, at, pixel) => {
    // This array type rounds, clamps, and turns NaN into 0.
    pixels[at] = r.scale * (data[r.first + pixel] - r.low);
    pixels[at + 1] = g.scale * (data[g.first + pixel] - g.low);
    pixels[at + 2] = b.scale * (data[b.first + pixel] - b.low);
    pixels[at + 3] = 255;
  });
}

/** A layer of an image `width` pixels wide; `set` writes a pixel, `pixels[at]` to `pixels[at + 3]`. */
export function inArea(
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

/** "#rrggbb" as three numbers. */
export function rgb(colour: string): readonly [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
