// Small pictures of images. Pure.

import type { LabelMap, RawImage } from "../../../src/index.js";
import { nextTask } from "../threads/next-task.js";
import { contrastRanges, imageLayer, type Pixels } from "./layers.js";
import { classLayer } from "./overlay.js";

/** Lets the thread do other pending work. */
export type Pause = () => Promise<void>;

/** Pixels that are read between two pauses: about five milliseconds on a laptop. */
const BAND = 2 ** 18;

/**
 * The image with `factor` times fewer rows and columns: each pixel is the mean of its square, and NaN only
 * if the whole square is.
 */
async function shrunk(raw: RawImage, factor: number, pause: Pause): Promise<RawImage> {
  if (factor === 1) return raw;
  const { channels, maximum } = raw;
  const [width, height] = [Math.floor(raw.width / factor), Math.floor(raw.height / factor)];
  const data = new Float32Array(channels * width * height);
  const rows = Math.max(1, Math.floor(BAND / (raw.width * factor)));
  for (let row = 0; row < channels * height; row++) {
    const channel = Math.floor(row / height);
    const first = (channel * raw.height + (row % height) * factor) * raw.width;
    shrinkRow(raw, first, factor, data.subarray(row * width, (row + 1) * width));
    if (row % rows === rows - 1) await pause();
  }
  return { width, height, channels, maximum, data };
}

/** The means of a row of squares whose first row begins at the index `first`. */
function shrinkRow(raw: RawImage, first: number, factor: number, means: Float32Array): void {
  for (let column = 0; column < means.length; column++) {
    let [sum, count] = [0, 0];
    for (let y = 0; y < factor; y++) {
      const from = first + y * raw.width + column * factor;
      for (let x = 0; x < factor; x++) {
        const value = raw.data[from + x];
        if (Number.isNaN(value)) continue;
        sum += value;
        count++;
      }
    }
    means[column] = sum / count;
  }
}

/** The label's classes in every `factor`-th pixel of every `factor`-th row. */
export function thinned({ width, height, classes, data }: LabelMap, factor: number): LabelMap {
  const [columns, rows] = [Math.floor(width / factor), Math.floor(height / factor)];
  const small = new Uint8Array(columns * rows);
  const middle = Math.floor(factor / 2);
  for (let i = 0; i < small.length; i++) {
    const y = Math.floor(i / columns) * factor + middle;
    small[i] = data[y * width + (i % columns) * factor + middle];
  }
  return { width: columns, height: rows, classes, data: small };
}

/** Opacity of the label over the image. */
const LABEL_OPACITY = 0.4;

/** An image with a `factor`-th of its rows and columns. */
export interface SmallImage {
  readonly image: RawImage;
  readonly factor: number;
}

/** The image reduced to fewer than twice `side` pixels per side. Pauses while it reduces a large image. */
export async function smallImage(raw: RawImage, side: number, pause: Pause): Promise<SmallImage> {
  const wanted = Math.max(1, Math.floor(Math.max(raw.width, raw.height) / side));
  const factor = Math.min(wanted, raw.width, raw.height);
  return { image: await shrunk(raw, factor, pause), factor };
}

export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  readonly pixels: Pixels;
}

/** An image at a contrast (`contrastRanges`), with its label in full size over it. */
export function thumbnail(
  { image, factor }: SmallImage,
  label: LabelMap | undefined,
  colours: readonly string[],
  contrast: readonly [number, number],
): Thumbnail {
  const { width, height } = image;
  const area = { x: 0, y: 0, width, height };
  const pixels = imageLayer(image, contrastRanges(image, contrast))(area);
  if (!label) return { width, height, pixels };
  const over = classLayer(thinned(label, factor).data, width, colours)(area);
  for (let i = 0; i < pixels.length; i++) {
    const share = (LABEL_OPACITY * over[i | 3]) / 255;
    pixels[i] += share * (over[i] - pixels[i]);
  }
  return { width, height, pixels };
}

/** In pixels: the side of a project's picture in the list. */
const PICTURE_SIDE = 64;

/** The image reduced to at most twice 64 pixels per side, with 8-bit colours. */
export async function smallPicture(raw: RawImage, pause: Pause = nextTask): Promise<RawImage> {
  const small = await smallImage(raw, PICTURE_SIDE, pause);
  const { width, height, pixels } = thumbnail(small, undefined, [], [0, 1]);
  const count = width * height;
  const data = new Uint8Array(3 * count);
  for (let i = 0; i < count; i++) {
    for (let channel = 0; channel < 3; channel++)
      data[channel * count + i] = pixels[4 * i + channel];
  }
  return { width, height, channels: 3, maximum: 255, data };
}
