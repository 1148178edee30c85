// From the probabilities of a network to objects by number: touching cells are parted where they are narrow
// or in doubt.

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
  /** [height][width]: of a cell without its border, where the network has a class for the border. */
  readonly inside?: Float32Array | Uint16Array | undefined;
}

/** How objects are told apart; all of them may be left out. */
export interface SeparationOptions {
  /**
   * How deep a neck must be to part two cells, in pixels: the smaller cell's depth (about its radius) minus
   * the depth of the neck. 0 parts at every neck, Infinity never. `DEFAULT_SEPARATION` when left out.
   */
  readonly separation?: number | undefined;
  /** A pixel belongs to a cell above this probability, 0 to below 1; 0.5 when left out. */
  readonly threshold?: number | undefined;
  /** Holes of at most so many pixels are filled; 0 for none, 25 when left out. */
  readonly holes?: number | undefined;
  /** Objects of fewer pixels are left out; 10 when left out. */
  readonly smallest?: number | undefined;
}

/** The depth of a neck, in pixels, where nothing was chosen on labelled images. */
export const DEFAULT_SEPARATION = 1;
/** Holes of at most so many pixels are filled where nothing else is asked for. */
export const DEFAULT_HOLES = 25;
/** Objects of fewer pixels are left out where nothing else is asked for. */
export const DEFAULT_SMALLEST = 10;

const OPTIONS: Keys<SeparationOptions> = { separation: 1, threshold: 1, holes: 1, smallest: 1 };

/**
 * The objects of an image, numbered by their first pixels: what is above the threshold, its holes filled,
 * parted by a watershed on distance and probability (`landscape`), without the small ones. Every object is
 * 4-connected. The same input always gives the same objects, and each 4-connected component gives the same
 * ones whatever else is in the image. Throws a `RangeError` for planes or options that do not fit.
 */
export function separateObjects(
  cells: CellProbability,
  options: SeparationOptions = {},
): ObjectLabels {
  return prepareSeparation(cells, options).at(options.separation);
}

/** An image whose objects can be had for one separation after the other, at less cost. */
export interface PreparedSeparation {
  /** The objects at this separation; `DEFAULT_SEPARATION` when left out. */
  at(separation?: number): ObjectLabels;
}

/**
 * As `separateObjects`, for several separations of one image, as a slider asks for: most of the work does
 * not depend on it. Memory: 4 bytes a pixel.
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
