// Sizes and places in pixels.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A part of an image. */
export interface Area extends Point, Size {}
