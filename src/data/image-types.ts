// The types of images and labels.

/** An image in memory: planes of samples. */
export interface Image {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** 1 for grey, 3 for RGB; a TIFF file may have any number. */
  readonly channels: number;
  /** [channels][height][width]; 0 is black, 1 is the largest value of the file's bit depth. */
  readonly data: Float32Array;
}

/** The numbers of an image file, in an array of the same type. */
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
  /** Width of a pixel. */
  readonly x: number;
  /** Height of a pixel. */
  readonly y: number;
}

/** An image as stored in a file: integers are exact; 64-bit floats are rounded to 32 bits. */
export interface RawImage {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /**
   * 1 for grey, 3 for RGB, any number for a TIFF file; a palette of grey colours counts as grey.
   * Alpha is not included: see `alpha`.
   */
  readonly channels: number;
  /**
   * The largest value of the file's type: 2^bits - 1 if unsigned (1, 3, 15, 255, 65535, ...),
   * 2^(bits - 1) - 1 if signed, 1 for floats.
   */
  readonly maximum: number;
  /** [channels][height][width], as displayed: a TIFF file in which 0 is white has been inverted. */
  readonly data: Samples;
  /** [height][width] indices into the palette, if the file has one: class indices of a label. */
  readonly indices?: Uint8Array | Uint16Array | undefined;
  /** [height][width]: the alpha channel, if the file has one. */
  readonly alpha?: Samples | undefined;
  /** Whether 0 is white in the file: each stored value is `maximum` minus that of `data`. */
  readonly inverted?: boolean | undefined;
  /** Where the file says it; see `pixelSizeOf`. */
  readonly pixelSize?: PixelSize | undefined;
  /** Of a region of a larger image: what counts. The rest is shown to networks around it. */
  readonly core?: ImageCore | undefined;
}

/** A rectangle in the pixels of an image: all of it that counts in training and evaluation. */
export interface ImageCore {
  /** First column. */
  readonly x: number;
  /** First row. */
  readonly y: number;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
}

/**
 * An image whose numbers may still be those of its file: each value is `data` divided by `maximum`.
 * An `Image` is one, and so is a `RawImage`; `imageFromRaw` converts the numbers.
 */
export interface StoredImage {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Number of channels. */
  readonly channels: number;
  /** By default 1. */
  readonly maximum?: number | undefined;
  /** [channels][height][width] */
  readonly data: Samples;
}

/** Red, green, blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Rows of red, green, blue, alpha, 8 bits each, like the `ImageData` of a canvas; opaque. */
export interface Picture {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** [height][width][4] */
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Planes of the same size: an image, a label map (one plane) or a weight map. */
export interface Planes {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** By default 1. */
  readonly channels?: number | undefined;
  /** [channels][height][width] */
  readonly data: Samples;
}

/** The class index of each pixel, or `IGNORED`. */
export interface LabelMap {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Number of classes, at least 2. */
  readonly classes: number;
  /** [height][width] */
  readonly data: Uint8Array;
  /** Outside of it every pixel is `IGNORED`, and no tile is placed. By default the whole. */
  readonly core?: ImageCore | undefined;
}

/** An unlabelled pixel: its weight is 0 and no figure counts it. */
export const IGNORED = 255;

/** An image with its label; `name` is the stem of its files. */
export interface Sample {
  /** Unlike that of any other sample. */
  readonly name: string;
  /** As stored, or converted to values: images of 8 bits take a quarter of the memory as stored. */
  readonly image: StoredImage;
  /** The classes of its pixels, as large as the image. */
  readonly label: LabelMap;
  /** For a network that reads more than the image, by name. */
  readonly inputs?: InputValues | undefined;
}

/**
 * The values of a network's further inputs for one image, by name: numbers [values], planes of the image's
 * size [channels][height][width], or planes of another size with their width and height, which cover
 * the same area and are resampled to the image's size.
 */
export type InputValues = { readonly [name: string]: Float32Array | SizedPlanes };

/** Planes with their size. */
export interface SizedPlanes {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** [channels][height][width] */
  readonly data: Float32Array;
}
