// How training tiles are varied: "shift and rotation invariance as well as robustness to deformations
// and gray value variations" (paper, section 3.1). Plain values; the draws are made elsewhere.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { shown } from "./json.js";

/** What each training tile goes through. A range of 0 switches that kind off. */
export interface Augmentation {
  /** Flips and quarter turns: one of the eight symmetries of the square. */
  readonly flips: boolean;
  /**
   * Largest shift in pixels along each axis, besides the tile's place: of use where tiles lie on a
   * stride.
   */
  readonly shift: number;
  /** Largest turn in degrees, either way; 180 is every angle. */
  readonly rotation: number;
  /** Largest change of size: by a factor of 1 / (1 + scale) to 1 + scale. */
  readonly scale: number;
  /** Largest shear, as the tangent of its angle, either way. */
  readonly shear: number;
  /**
   * "grid": random displacements on a 3x3 grid over the tile, between them bicubic (the paper);
   * "simard": a random displacement of each pixel, smoothed (Simard, Steinkraus, Platt 2003).
   */
  readonly elastic: "none" | "grid" | "simard";
  /** "grid": standard deviation of a displacement in pixels along each axis. */
  readonly elasticDeviation: number;
  /** "simard": displacements are uniform in -alpha to alpha pixels before they are smoothed ... */
  readonly elasticAlpha: number;
  /** ... by a Gaussian of this standard deviation in pixels. */
  readonly elasticSigma: number;
  /** Share of the tiles that are deformed elastically. */
  readonly elasticProbability: number;
  /** Largest change of contrast: grey values, of mean 0, times 1 - contrast to 1 + contrast. */
  readonly contrast: number;
  /** Largest change of brightness, either way, in standard deviations of the image. */
  readonly brightness: number;
  /** Largest exponent of a curve of grey values: 1 / (1 + gamma) to 1 + gamma. */
  readonly gamma: number;
  /** Largest standard deviation of added noise, in standard deviations of the image. */
  readonly noise: number;
  /** How the image is read between pixels. Labels and weights are read at the nearest pixel. */
  readonly interpolation: "bilinear" | "bicubic";
}

export type AugmentationName = "none" | "flips" | "paper";

const NONE: Augmentation = {
  flips: false,
  shift: 0,
  rotation: 0,
  scale: 0,
  shear: 0,
  elastic: "none",
  elasticDeviation: 10,
  elasticAlpha: 50,
  elasticSigma: 5,
  elasticProbability: 1,
  contrast: 0,
  brightness: 0,
  gamma: 0,
  noise: 0,
  interpolation: "bicubic",
};

/**
 * Augmentation by name. "paper" turns by any angle and deforms on the 3x3 grid as published; the
 * paper gives no ranges of grey values and no flips: those are ours. Every one of them shifts where
 * tiles lie at random places.
 */
export const AUGMENTATIONS: Readonly<Record<AugmentationName, Augmentation>> = {
  none: NONE,
  flips: { ...NONE, flips: true },
  paper: {
    ...NONE,
    flips: true,
    rotation: 180,
    elastic: "grid",
    contrast: 0.2,
    brightness: 0.2,
    gamma: 0.2,
  },
};

type Bounds = readonly [least: number, most: number];

/** What each number may be. */
export const AUGMENTATION_RANGES = {
  shift: [0, 4096],
  rotation: [0, 180],
  scale: [0, 4],
  shear: [0, 2],
  elasticDeviation: [0, 1000],
  elasticAlpha: [0, 10_000],
  elasticSigma: [0.5, 100],
  elasticProbability: [0, 1],
  contrast: [0, 1],
  brightness: [0, 10],
  gamma: [0, 4],
  noise: [0, 10],
} as const satisfies Partial<Record<keyof Augmentation, Bounds>>;

export type AugmentationNumber = keyof typeof AUGMENTATION_RANGES;

const KEYS = Object.fromEntries(Object.keys(NONE).map((key) => [key, 1])) as Keys<Augmentation>;

/** Augmentation with what is left out taken from "none". Throws for a value that cannot be. */
export function augmentationConfig(changes: Partial<Augmentation> = {}): Augmentation {
  checkKeys<Partial<Augmentation>>("augmentation", changes, KEYS);
  const result = { ...NONE, ...changes };
  for (const [name, [least, most]] of Object.entries(AUGMENTATION_RANGES)) {
    const value = result[name as AugmentationNumber];
    if (!(Number.isFinite(value) && value >= least && value <= most)) {
      throw new Error(
        `augmentation.${name} must be a number from ${least} to ${most}, got ${shown(value)}`,
      );
    }
  }
  const words = { elastic: ["none", "grid", "simard"], interpolation: ["bilinear", "bicubic"] };
  for (const name of ["elastic", "interpolation"] as const) {
    if (!words[name].includes(result[name])) {
      throw new Error(
        `augmentation.${name} must be ${words[name].join(" or ")}, got ${shown(result[name])}`,
      );
    }
  }
  if (typeof result.flips !== "boolean") {
    throw new Error(`augmentation.flips must be true or false, got ${shown(result.flips)}`);
  }
  return result;
}
