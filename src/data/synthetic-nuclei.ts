// A second sample that needs no file: nuclei in the manner of fluorescence microscopy. They lie in clusters,
// touch and overlap; light is uneven, noise strong, and some are dim.

import { checkKeys } from "../arguments/keys.js";
import { gaussianBlur } from "./blur.js";
import type { Components } from "./components.js";
import type { Image, LabelMap } from "./image-types.js";
import { renumbered, separateCells } from "./label-instances.js";
import { smoothNoise } from "./noise.js";
import { type Nucleus, placeNuclei } from "./nuclei-places.js";
import { gaussian, random } from "./random.js";

/** Which sample of nuclei: its seed, and its size in pixels. */
export interface NucleiOptions {
  /** One seed gives one picture. */
  readonly seed: number;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
}

/** A drawn image of nuclei, with its label and the nuclei by number. */
export interface NucleiSample {
  /** Grey, 0 to 1. */
  readonly image: Image;
  /** Two classes: 0 background, 1 nucleus, with a gap of class 0 where nuclei touch. */
  readonly label: LabelMap;
  /** The nuclei by number; where two overlap, a pixel is the front one's. */
  readonly cells: Components;
}

const LEVEL = 1;
const TEXTURE = 2;
const LIGHT = 3;
const GRAIN = 4;

/** Grey value without a nucleus, and what a nucleus of middling brightness adds. */
const BACKGROUND = 0.22;
const SIGNAL = 0.18;
/** Factors of a nucleus's signal, from the dim to the bright. */
const DIMMEST = 0.6;
const BRIGHTEST = 1.5;
/** Deviation of the detector's noise: the contrast-to-noise ratio is about 0.18 / 0.075. */
const NOISE = 0.075;
/** Deviation of the microscope's blur in pixels; and of light from above and below, with its share. */
const BLUR = 1.2;
const HAZE = 12;
const HAZE_SHARE = 0.3;
/** Light: deviation around 1, and pixels over which it varies. */
const UNEVEN = 0.2;
const LIGHT_SCALE = 110;

/**
 * An image of nuclei and which pixel belongs to which. At least half of them touch another, two overlap by at most a
 * tenth of the smaller one, diameters vary threefold and more, and the contrast-to-noise ratio is below 3.
 * The same options give the same sample; another seed gives another one of the same kind.
 */
export function syntheticNuclei(options: NucleiOptions): NucleiSample {
  checkKeys("syntheticNuclei", options, { seed: 1, width: 1, height: 1 });
  const { seed, width, height } = options;
  const nuclei = placeNuclei(seed, width, height);
  const numbers = new Int32Array(width * height);
  // Those placed first lie in front.
  for (const [i, { pixels }] of nuclei.entries()) {
    for (const pixel of pixels) if (numbers[pixel] === 0) numbers[pixel] = i + 1;
  }
  const cells = renumbered(numbers);
  const data = expose(fluorescence(nuclei, options), options);
  return {
    image: { width, height, channels: 1, data },
    label: { width, height, classes: 2, data: separateCells(cells.labels, width, height).data },
    cells,
  };
}

/** The light of all nuclei, which adds up where they overlap. */
function fluorescence(nuclei: readonly Nucleus[], options: NucleiOptions): Float32Array {
  const { seed, width, height } = options;
  const signal = new Float32Array(width * height);
  const texture = smoothNoise(4, width, height, seed, TEXTURE);
  for (const [i, { pixels }] of nuclei.entries()) {
    const level = SIGNAL * (DIMMEST + (BRIGHTEST - DIMMEST) * random(seed, LEVEL, i)());
    for (const pixel of pixels) {
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      signal[pixel] += level * Math.max(0.4, 1 + 0.15 * texture(x, y));
    }
  }
  return signal;
}

/** The microscope's blur and haze, uneven light and the detector's noise. */
function expose(signal: Float32Array, { seed, width, height }: NucleiOptions): Float32Array {
  const sharp = gaussianBlur(signal, width, height, BLUR);
  const haze = gaussianBlur(signal, width, height, HAZE);
  const light = smoothNoise(LIGHT_SCALE, width, height, seed, LIGHT);
  const next = random(seed, GRAIN);
  return sharp.map((value, pixel) => {
    const lit = BACKGROUND + value + HAZE_SHARE * haze[pixel];
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const bright = lit * Math.max(0.4, 1 + UNEVEN * light(x, y));
    return Math.max(0, Math.min(1, bright + NOISE * gaussian(next)));
  });
}
