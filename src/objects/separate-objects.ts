// From a network's probabilities to numbered objects: touching cells are separated at necks and at lines of
// low probability.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import { renumbered } from "../data/label-instances.js";
import { floodBasins } from "./flood-basins.js";
import { type CellPlane, landscape, STEPS_PER_PIXEL } from "./landscape.js";
import type { ObjectLabels } from "./object-labels.js";

/** Which pixels are cells, from a network. */
export interface CellProbability {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /**
   * [height][width]: probability of a cell, with its border, 0 to 1; or in 16 bits as in the files of
   * `predict`, 65535 for 1. Both give the same objects: floats are rounded to 16 bits first.
   */
  readonly cell: Float32Array | Uint16Array;
  /** [height][width]: probability of a cell without its border, if the network has a class for the border. */
  readonly inside?: Float32Array | Uint16Array | undefined;
}

/** How objects are separated; every field is optional. */
export interface SeparationOptions {
  /**
   * How deep a neck must be to separate two cells, in pixels: the smaller cell's depth (about its radius) minus
   * the depth of the neck. 0 separates at every neck, Infinity at none. Default `DEFAULT_SEPARATION`.
   */
  readonly separation?: number | undefined;
  /** A pixel belongs to a cell above this probability, 0 to below 1; 0.5 by default. */
  readonly threshold?: number | undefined;
  /** Holes of at most this many pixels are filled; 0 for none, 25 by default. */
  readonly holes?: number | undefined;
  /** Objects of fewer pixels are dropped; 10 by default. */
  readonly smallest?: number | undefined;
}

/** The default depth of a neck, in pixels, if none was chosen on labelled images. */
export const DEFAULT_SEPARATION = 1;
/** By default holes of at most this many pixels are filled. */
export const DEFAULT_HOLES = 25;
/** By default objects of fewer pixels are dropped. */
export const DEFAULT_SMALLEST = 10;

const OPTIONS: Keys<SeparationOptions> = { separation: 1, threshold: 1, holes: 1, smallest: 1 };

/**
 * The objects of an image, in the order of their first pixels: the pixels above the threshold, with holes
 * filled, separated by a watershed on distance and probability (`landscape`), without small objects. Every
 * object is 4-connected. The same input always gives the same objects, and those of a 4-connected component
 * do not depend on the rest of the image. Throws a `RangeError` for planes or options that do not fit.
 */
export function separateObjects(
  cells: CellProbability,
  options: SeparationOptions = {},
): ObjectLabels {
  return prepareSeparation(cells, options).at(options.separation);
}

/** An image whose objects can be computed for several separations, each at low cost. */
export interface PreparedSeparation {
  /** The objects at this separation; default `DEFAULT_SEPARATION`. */
  at(separation?: number): ObjectLabels;
}

/**
 * Like `separateObjects`, for several separations of one image, for instance for a slider: most of the work
 * does not depend on the separation. Memory: 4 bytes per pixel.
 */
export function prepareSeparation(
  cells: CellProbability,
  options: SeparationOptions = {},
): PreparedSeparation {
  checkKeys("separateObjects", options, OPTIONS);
  const { threshold = 0.5, holes = DEFAULT_HOLES, smallest = DEFAULT_SMALLEST } = options;
  checkNumber("threshold", threshold, "from 0 and below 1", threshold < 1);
  checkNumber("holes", holes, "from 0");
  checkNumber("smallest", smallest, "from 0");
  const { width, height } = cells;
  const heights = landscape(planeOf(cells), threshold, holes);
  return {
    at(separation = DEFAULT_SEPARATION) {
      checkNumber("separation", separation, "from 0");
      const depth = Math.round(separation * STEPS_PER_PIXEL);
      const { labels, count } = floodBasins(heights, width, height, depth);
      removeSmall(labels, count, smallest);
      const found = renumbered(labels);
      return { width, height, data: found.labels, count: found.count };
    },
  };
}

function planeOf({ width, height, cell, inside = cell }: CellProbability): CellPlane {
  for (const plane of [cell, inside]) {
    if (plane.length === width * height) continue;
    throw new RangeError(
      `separateObjects: got ${plane.length} probabilities, expected ${width * height} for ` +
        `${width} x ${height} pixels`,
    );
  }
  const stored = inSixteenBits(cell);
  return { width, height, cell: stored, inside: inside === cell ? stored : inSixteenBits(inside) };
}

/** Probabilities in 16 bits, rounded as in the files of `predict`. */
export function inSixteenBits(plane: Float32Array | Uint16Array): Uint16Array {
  if (plane instanceof Uint16Array) return plane;
  const stored = new Uint16Array(plane.length);
  for (let i = 0; i < plane.length; i++) stored[i] = Math.round(65535 * plane[i]);
  return stored;
}

function removeSmall(labels: Int32Array, count: number, smallest: number): void {
  if (smallest <= 1) return;
  const sizes = new Float64Array(count + 1);
  for (const label of labels) sizes[label]++;
  for (let pixel = 0; pixel < labels.length; pixel++) {
    if (sizes[labels[pixel]] < smallest) labels[pixel] = 0;
  }
}

function checkNumber(name: string, value: number, expected: string, isRight = true): void {
  if (typeof value === "number" && value >= 0 && isRight) return;
  const got = typeof value === "number" ? value : kindOf(value);
  throw new RangeError(`separateObjects: got ${got} for ${name}, expected a number ${expected}`);
}
