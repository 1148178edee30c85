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

/** The numbers of an image file, in an array of their own kind. */
export type Samples =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array;

/** The size of a pixel in micrometres: its width and its height. */
export interface PixelSize {
  readonly x: number;
  readonly y: number;
}

/** An image as a file stores it: integers are exact; floats of 64 bits are rounded to 32. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  /**
   * 1 grey, 3 RGB, of a TIFF file any number; a palette whose colours are all grey counts as grey.
   * Alpha is left out: see `alpha`.
   */
  readonly channels: number;
  /**
   * The largest value of the file's kind of number: 2^bits - 1 without a sign (1, 3, 15, 255, 65535,
   * ...), 2^(bits - 1) - 1 with one, 1 for floats.
   */
  readonly maximum: number;
  /** [channels][height][width], as displayed: a TIFF file whose 0 is white has been inverted. */
  readonly data: Samples;
  /** [height][width] indices into the palette, where the file has one: class indices of a label. */
  readonly indices?: Uint8Array | Uint16Array | undefined;
  /** [height][width]: the alpha channel, where the file has one. */
  readonly alpha?: Samples | undefined;
  /** Whether 0 is white in the file: each stored value is `maximum` minus that of `data`. */
  readonly inverted?: boolean | undefined;
  /** Where the file says it; see `pixelSizeOf`. */
  readonly pixelSize?: PixelSize | undefined;
}

/**
 * An image whose numbers may still be those of its file: each value is `data` over `maximum`. An
 * `Image` is one, and so is a `RawImage`; `imageFromRaw` gives the values themselves.
 */
export interface StoredImage {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** 1 where it is left out. */
  readonly maximum?: number | undefined;
  /** [channels][height][width] */
  readonly data: Samples;
}

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Rows of red, green, blue, alpha, 8 bits each, as an `ImageData` of a canvas; all are opaque. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height][width][4] */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Planes of the same size: an image, a label map (one plane) or a weight map. */
export interface Planes {
  readonly width: number;
  readonly height: number;
  /** 1 where it is left out. */
  readonly channels?: number | undefined;
  /** [channels][height][width] */
  readonly data: Samples;
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
  /** As stored, or of values: images of 8 bits take a quarter of the memory as stored. */
  readonly image: StoredImage;
  readonly label: LabelMap;
}
