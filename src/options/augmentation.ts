// The augmentation options, one row each. Their defaults switch everything off, as in "none"
// (data/augmentation-config.ts has the named sets).

import { choice, number, toggle } from "./rows.js";
import type { OptionValues } from "./rules.js";

const group = "Augmentation";

/** The options of an augmentation by name: default, range and words of each. */
export const AUGMENTATION_OPTIONS = {
  /** Flips and quarter turns: one of the eight symmetries of the square. */
  flips: toggle({ default: false, group, words: "flips and quarter turns" }),
  /**
   * "grid": random displacements on a 3x3 grid over the tile with bicubic interpolation (the
   * paper); "simard": a random displacement per pixel, smoothed (Simard, Steinkraus, Platt 2003).
   */
  elastic: choice(["none", "grid", "simard"], {
    default: "none",
    group,
    value: "NAME",
    words: "elastic deformation: none; grid, displacements on a 3x3 grid; simard, smoothed noise",
  }),
  /** Largest rotation in degrees in either direction; 180 means any angle. */
  rotation: number({
    default: 0,
    least: 0,
    most: 180,
    group,
    value: "DEG",
    words: "largest rotation in degrees, in either direction",
  }),
  /** Largest change of size: by a factor of 1 / (1 + scale) to 1 + scale. */
  scale: number({
    default: 0,
    least: 0,
    most: 4,
    group,
    value: "X",
    words: "largest scaling: 0.1 means factors from 1/1.1 to 1.1",
  }),
  /** Largest shear in either direction, as the tangent of its angle. */
  shear: number({
    default: 0,
    least: 0,
    most: 2,
    group,
    value: "X",
    words: "largest shear, as the tangent of its angle",
  }),
  /**
   * Largest shift in pixels along each axis, in addition to the tile's position: useful with a
   * stride.
   */
  shift: number({
    default: 0,
    least: 0,
    most: 4096,
    group,
    value: "PX",
    words: "largest shift in pixels; not needed for tiles at random places",
  }),
  /** "grid": standard deviation of a displacement in pixels along each axis. */
  elasticDeviation: number({
    default: 10,
    least: 0,
    most: 1000,
    group,
    value: "PX",
    words: "grid: standard deviation of the displacements in pixels",
  }),
  /** "simard": displacements are uniform in -alpha to alpha pixels before smoothing ... */
  elasticAlpha: number({
    default: 50,
    least: 0,
    most: 10_000,
    group,
    value: "PX",
    words: "simard: largest displacement in pixels before smoothing",
  }),
  /** ... by a Gaussian of this standard deviation in pixels. */
  elasticSigma: number({
    default: 5,
    least: 0.5,
    most: 100,
    group,
    value: "PX",
    words: "simard: sigma in pixels of the Gaussian that smooths",
  }),
  /** Share of the tiles that are deformed elastically. */
  elasticProbability: number({
    default: 1,
    least: 0,
    most: 1,
    group,
    value: "X",
    words: "share of the tiles that are deformed elastically",
  }),
  /** Largest change of contrast: grey values, with mean 0, times 1 - contrast to 1 + contrast. */
  contrast: number({
    default: 0,
    least: 0,
    most: 1,
    group,
    value: "X",
    words: "largest change of contrast: 0.2 means factors from 0.8 to 1.2",
  }),
  /** Largest change of brightness in either direction, in standard deviations of the image. */
  brightness: number({
    default: 0,
    least: 0,
    most: 10,
    group,
    value: "X",
    words: "largest change of brightness, in standard deviations of the image",
  }),
  /** Largest exponent of a gamma curve: 1 / (1 + gamma) to 1 + gamma. */
  gamma: number({
    default: 0,
    least: 0,
    most: 4,
    group,
    value: "X",
    words: "largest gamma change: 0.2 means exponents from 1/1.2 to 1.2",
  }),
  /** Largest standard deviation of added noise, in standard deviations of the image. */
  noise: number({
    default: 0,
    least: 0,
    most: 10,
    group,
    value: "X",
    words: "largest standard deviation of added noise, relative to that of the image",
  }),
  /** How images are interpolated between pixels. Labels and weights use the nearest pixel. */
  interpolation: choice(["bilinear", "bicubic"], {
    default: "bicubic",
    group,
    value: "NAME",
    words: "interpolation of image values between pixels",
  }),
};

/** The augmentation of training tiles. A range of 0 switches a kind off. */
export type Augmentation = OptionValues<typeof AUGMENTATION_OPTIONS>;

/** The order in which version 0.1 wrote them to config.json (see training.ts). */
export const STORED_FIRST: readonly (keyof Augmentation)[] = [
  "flips",
  "shift",
  "rotation",
  "scale",
  "shear",
  "elastic",
];
