// What the page and the Worker for slides tell each other.

import type { Prediction } from "../../../src/index.js";
import type { Slide } from "../../../src/slides.js";
import type { Pixels } from "../canvas/layers.js";
import type { NamedFile } from "../images/sort-files.js";

/** Where a slide is. */
export type SlidePlace =
  | { readonly url: string }
  | { readonly file: Blob; readonly name: string }
  /** A folder with OME-Zarr. */
  | { readonly files: readonly NamedFile[]; readonly name: string };

/** What is known of a slide before its pixels are read. */
export type SlideFacts = Pick<
  Slide,
  "name" | "levels" | "channelNames" | "sizeZ" | "sizeT" | "pixelSize" | "remarks"
>;

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

/** What is predicted of a square. */
export type PredictedSquare = Pick<Prediction, "width" | "height" | "classes" | "probabilities">;

/** Side of the squares in which slides are shown and segmented, in pixels: a multiple of the grid of all networks here. */
export const SIDE = 512;
