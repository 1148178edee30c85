// A sample that needs no file: a drawn picture similar to an electron micrograph of nerve tissue.
// Dark membranes of uneven width and contrast separate bright cells; because of dark organelles
// inside the cells, noise and uneven light, no threshold finds the membranes.

import { checkKeys } from "../arguments/keys.js";
import { gaussianBlur } from "./blur.js";
import type { Image, LabelMap } from "./image-types.js";
import { smoothNoise } from "./noise.js";
import { outsideDistance } from "./outside-distance.js";
import { gaussian, random } from "./random.js";
import { cellRegions } from "./synthetic-cells.js";
import {
  type Canvas,
  drawMitochondria,
  drawStrands,
  drawVesicles,
} from "./synthetic-organelles.js";

/** Size and seed of a synthetic picture of cells. */
export interface SyntheticOptions {
  /** One seed gives one picture. */
  readonly seed: number;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** 2: membrane and cell. 3: also mitochondria. By default 2. */
  readonly classes?: 2 | 3 | undefined;
  /** The standard deviation of the detector's noise, of greys from 0 to 1. By default 0.06. */
  readonly noise?: number | undefined;
}

const TONE = 1;
const GRAIN = 2;
const WIDTH = 3;
const CONTRAST = 4;
const LIGHT = 5;
const TEXTURE = 6;
const COARSE = 7;

/** The largest distance from a border that is computed. */
const DEEPEST = 60;

/**
 * Returns a grey image of 0 to 1 and its label: 0 membrane (about a fifth), 1 cell, and with three
 * classes 2 mitochondrion. The same options give the same sample, with the same image for both
 * numbers of classes; another seed gives another sample of the same kind.
 */
export function syntheticSample(options: SyntheticOptions): { image: Image; label: LabelMap } {
  checkKeys("syntheticSample", options, { seed: 1, width: 1, height: 1, classes: 1, noise: 1 });
  const { seed, width, height, classes = 2, noise: grain = 0.06 } = options;
  if (!(grain >= 0))
    throw new RangeError(`syntheticSample: noise must be a number from 0, got ${grain}`);
  const noise = (scale: number, stream: number) => smoothNoise(scale, width, height, seed, stream);
  const regions = cellRegions(seed, width, height);
  const depth = borderDistance(regions, width, height);
  const grey = new Float32Array(width * height);
  const label = new Uint8Array(width * height);
  fillCells(grey, regions, options);
  const mitochondria = new Uint8Array(width * height);
  const canvas: Canvas = { seed, width, height, grey, depth, mitochondria };
  drawMitochondria(canvas);
  drawVesicles(canvas);
  drawStrands(canvas);

  const [thickness, contrast] = [noise(34, WIDTH), noise(22, CONTRAST)];
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const half = Math.max(1.5, 2.2 + 0.5 * thickness(x, y));
    const cell = classes === 3 && mitochondria[pixel] === 1 ? 2 : 1;
    label[pixel] = depth[pixel] < half ? 0 : cell;
    // Where a membrane crosses the slice at an angle it is wide and faint.
    const dark = Math.max(0.14, 0.41 + 0.1 * contrast(x, y) - 0.03 * (half - 2.2));
    grey[pixel] -= dark * Math.exp(-((depth[pixel] / (0.9 * half)) ** 2));
  }
  const data = expose(gaussianBlur(grey, width, height, 0.9), options, grain);
  return {
    image: { width, height, channels: 1, data },
    label: { width, height, classes, data: label },
  };
}

/** Returns the distance of each pixel to the nearest pixel that touches another region. */
function borderDistance(regions: Int32Array, width: number, height: number): Float32Array {
  const inside = new Uint8Array(width * height).fill(1);
  for (let pixel = 0; pixel < inside.length; pixel++) {
    const right = pixel % width < width - 1 && regions[pixel + 1] !== regions[pixel];
    const below = pixel + width < inside.length && regions[pixel + width] !== regions[pixel];
    if (right || below) inside[pixel] = 0;
  }
  if (!inside.includes(0)) return new Float32Array(inside.length).fill(DEEPEST);
  return outsideDistance(inside, width, height).map((distance) => Math.min(DEEPEST, distance));
}

/** Draws each cell's own grey level, and the granular cytoplasm. */
function fillCells(grey: Float32Array, regions: Int32Array, options: SyntheticOptions): void {
  const { seed, width, height } = options;
  const tones = new Map<number, number>();
  const fine = smoothNoise(3, width, height, seed, TEXTURE);
  const coarse = smoothNoise(9, width, height, seed, COARSE);
  for (let pixel = 0; pixel < grey.length; pixel++) {
    const cell = regions[pixel];
    let tone = tones.get(cell);
    if (tone === undefined) {
      tone = 0.6 + 0.04 * gaussian(random(seed, TONE, cell));
      tones.set(cell, tone);
    }
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    grey[pixel] = tone + 0.05 * fine(x, y) + 0.035 * coarse(x, y);
  }
}

/** Adds uneven light and detector noise. */
function expose(
  grey: Float32Array,
  { seed, width, height }: SyntheticOptions,
  grain: number,
): Float32Array {
  const light = smoothNoise(110, width, height, seed, LIGHT);
  const next = random(seed, GRAIN);
  return grey.map((value, pixel) => {
    const lit = value + 0.035 * light(pixel % width, Math.floor(pixel / width));
    return Math.max(0, Math.min(1, lit + grain * gaussian(next)));
  });
}
