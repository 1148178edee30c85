// What the page and the Worker for slides tell each other.

import type { Pixels } from "../canvas/layers.js";
import type { NamedFile } from "../images/sort-files.js";

/** Where a slide is. */
export type SlidePlace =
  | { readonly url: string }
  | { readonly file: Blob; readonly name: string }
  /** A folder with OME-Zarr. */
  | { readonly files: readonly NamedFile[]; readonly name: string };

/** A resolution of a slide, in pixels. */
export interface LevelFacts {
  readonly width: number;
  readonly height: number;
  /** Pixels of the full resolution per pixel of this one. */
  readonly factor: number;
}

/** What is known of a slide before its pixels are read. */
export interface SlideFacts {
  readonly name: string;
  readonly levels: readonly LevelFacts[];
  readonly channelNames: readonly string[];
  readonly sizeZ: number;
  readonly sizeT: number;
  /** Of the full resolution, in micrometres. */
  readonly pixelSize?: { readonly x: number; readonly y: number } | undefined;
  readonly remarks: readonly string[];
}

/** Which channels, slice and point in time of a slide are shown and segmented. */
export interface PlaneChoice {
  readonly channels: readonly number[];
  readonly z: number;
  readonly t: number;
}

/** A square of a level. */
export interface SquarePlace {
  readonly plane: PlaneChoice;
  readonly level: number;
  /** In the grid of squares of `SIDE` pixels, row by row. */
  readonly index: number;
}

/** A square as it is drawn. */
export interface SeenSquare {
  readonly width: number;
  readonly height: number;
  readonly pixels: Pixels;
}

/** The probabilities of a square, [classes][height][width]. */
export interface PredictedSquare {
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  readonly probabilities: Float32Array;
}

/** Side of the squares in which slides are shown and segmented, in pixels: a multiple of the grid of all networks here. */
export const SIDE = 512;
