// The plain values that the road of the data is made of. Types alone.

/** An image in memory: planes of samples. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB. */
  readonly channels: number;
  /** [channels][height][width]; 0 is black and 1 the largest value of the file's bit depth. */
  readonly data: Float32Array;
}

/** Class index of each pixel, or `IGNORED`. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  /** Number of classes, at least 2. */
  readonly classes: number;
  /** [height][width] */
  readonly data: Uint8Array;
}

/** A pixel that nobody labelled: its weight is 0 and no figure counts it. */
export const IGNORED = 255;
