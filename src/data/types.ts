// The plain values that the road of the data is made of. Types alone.

/** An image in memory: planes of samples. */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 RGB; a TIFF file may have any number. */
  readonly channels: number;
  /** [channels][height][width]; 0 is black and 1 the largest value of the file's bit depth. */
  readonly data: Float32Array;
}

/** An image file as decoded: the integers that the file stores. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  /**
   * 1 grey, 3 RGB, of a TIFF file any number; a palette whose colours are all grey counts as grey.
   * Alpha is left out.
   */
  readonly channels: number;
  /** The largest value of the file's bit depth: 1, 3, 15, 255 or 65535. */
  readonly maximum: number;
  /** [channels][height][width] */
  readonly data: Uint8Array | Uint16Array;
  /** [height][width] indices into the palette, where the file has one: class indices of a label. */
  readonly indices?: Uint8Array;
}

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Planes of the same size: an image, a label map (one plane) or a weight map. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  /** 1 where it is left out. */
  readonly channels?: number;
  /** [channels][height][width] */
  readonly data: Float32Array | Uint8Array;
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

/** An image with its label; `name` is the stem of its files. */
export interface Sample {
  readonly name: string;
  readonly image: Image;
  readonly label: LabelMap;
}
