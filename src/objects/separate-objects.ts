// From a network's probabilities to numbered objects: touching cells are separated at necks and at lines of
// low probability.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import { type Basins, floodBasins, joinBasins } from "./flood-basins.js";
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
  /** A pixel belongs to a cell above this probability, 0 to below 1. Default `DEFAULT_THRESHOLD`. */
  readonly threshold?: number | undefined;
  /** Holes of at most this many pixels are filled; 0 for none, 25 by default. */
  readonly holes?: number | undefined;
  /** Objects of fewer pixels are dropped; 10 by default. */
  readonly smallest?: number | undefined;
}

/** The default depth of a neck, in pixels, if none was chosen on labelled images. */
export const DEFAULT_SEPARATION = 1;
/** The default probability above which a pixel is cell, if none was chosen. */
export const DEFAULT_THRESHOLD = 0.5;
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
  /** What every object is a union of: [height][width] numbers of pieces, from 1; 0 outside. */
  readonly pieces: ObjectLabels;
  /** `[pieces.count + 1]`: the object that each piece is in at this separation; 0 for those that are dropped. */
  objectsOfPieces(separation?: number): Int32Array;
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
  const {
    threshold = DEFAULT_THRESHOLD,
    holes = DEFAULT_HOLES,
    smallest = DEFAULT_SMALLEST,
  } = options;
  checkNumber("threshold", threshold, "from 0 and below 1", threshold < 1);
  checkNumber("holes", holes, "from 0");
  checkNumber("smallest", smallest, "from 0");
  const { width, height } = cells;
  const basins = floodBasins(landscape(planeOf(cells), threshold, holes), width, height);
  const sizes = sizesOf(basins);
  const objectsOfPieces = (separation = DEFAULT_SEPARATION) => {
    checkNumber("separation", separation, "from 0");
    return numbered(joinBasins(basins, Math.round(separation * STEPS_PER_PIXEL)), sizes, smallest);
  };
  return {
    pieces: { width, height, data: basins.labels, count: basins.count },
    objectsOfPieces,
    at(separation) {
      const objects = objectsOfPieces(separation);
      const data = basins.labels.map((piece) => objects[piece]);
      return { width, height, data, count: objects.reduce((a, b) => Math.max(a, b), 0) };
    },
  };
}

/** `[count + 1]`: pixels of each basin. */
function sizesOf({ labels, count }: Pick<Basins, "labels" | "count">): Float64Array {
  const sizes = new Float64Array(count + 1);
  for (const basin of labels) sizes[basin]++;
  return sizes;
}

/** Numbers the objects in the order of their first pixels, those of too few pixels left out. */
function numbered(joined: Int32Array, sizes: Float64Array, smallest: number): Int32Array {
  const whole = new Float64Array(sizes.length);
  for (let basin = 1; basin < joined.length; basin++) whole[joined[basin]] += sizes[basin];
  const numbers = new Int32Array(joined.length);
  let count = 0;
  for (let basin = 1; basin < joined.length; basin++) {
    if (joined[basin] === basin && whole[basin] >= smallest) numbers[basin] = ++count;
  }
  return joined.map((basin) => numbers[basin]);
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

function checkNumber(name: string, value: number, expected: string, isRight = true): void {
  if (typeof value === "number" && value >= 0 && isRight) return;
  const got = typeof value === "number" ? value : kindOf(value);
  throw new RangeError(`separateObjects: got ${got} for ${name}, expected a number ${expected}`);
}
