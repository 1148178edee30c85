// What an output of a prediction is: the files that it is made of, and what they are made from.

import type { Colour, Image, PixelSize, RawImage } from "../data/image-types.js";
import type { ObjectKind } from "../data/task.js";
import type { PaletteImage } from "../formats/png/palette-png.js";
import type { PngImage } from "../formats/png/png.js";
import type { MeasuredImage } from "../objects/measurement-table.js";
import type { ObjectLabels } from "../objects/object-labels.js";
import type { SeparationOptions } from "../objects/separate-objects.js";
import type { Picture } from "../pictures/picture.js";

/** A prediction, and what is needed to draw it. */
export interface PredictedImage {
  /** The image that was segmented. */
  readonly image: Image | RawImage;
  /** [classes][height][width] */
  readonly probabilities: Float32Array;
  /** Number of classes. */
  readonly classes: number;
  /** [height][width] class indices. */
  readonly indices: Uint8Array;
  /** `[classes]`: the colours of the classes. */
  readonly colours: readonly Colour[];
  /** In micrometres, where the file of the image says it. */
  readonly pixelSize?: PixelSize | undefined;
  /** The image with the numbers of its file, which brightness is measured in; by default `image`. */
  readonly stored?: RawImage | undefined;
  /** What tables call the image; "" when left out. */
  readonly file?: string | undefined;
  /** How single cells are told apart; the defaults of `separateObjects` when left out. */
  readonly cells?: CellOptions | undefined;
  /** Cells that were found already, and perhaps changed since: those of `probabilities` do not count then. */
  readonly found?: PredictedCells | undefined;
}

/** The single cells of an image. */
export interface PredictedCells {
  /** The cells, numbered from 1 without gaps. */
  readonly labels: ObjectLabels;
  /** `[count]`: the number that each has in files and in its colour; rising. */
  readonly numbers: readonly number[];
  /** What was measured of them, in the same order. */
  readonly measured: MeasuredImage;
}

/** What a network was trained on, and the options of the separation. */
export interface CellOptions extends SeparationOptions {
  /** "border" where class 2 is the border of cells. */
  readonly kind?: ObjectKind | undefined;
}

/** Writers of PNG files, those of Node or of a page. */
export interface PngEncoders {
  /** Encodes grey or RGB. */
  encodePng(image: PngImage): Uint8Array;
  /** Encodes indices with their palette. */
  encodePalettePng(image: PaletteImage): Uint8Array;
  /** Encodes a picture for people. */
  picturePng(picture: Picture): Uint8Array;
}

/** A file to write. */
export interface EncodedFile {
  /** The key of the file in the JSON of `predict`. */
  readonly key: string;
  /** The suffix after the image's name, including the extension. */
  readonly suffix: string;
  /** Its content. */
  readonly bytes: Uint8Array;
}

/** A kind of file that can be written of a prediction. */
export interface PredictionOutput {
  /** As the option of `predict` has it. */
  readonly name: string;
  /**
   * Help of the option `--<name>` that requests it; undefined for outputs that are always written.
   */
  readonly help?: string;
  /** Description in the app; undefined if the app does not offer it. */
  readonly appWords?: string;
  /** Returns the suffixes that its files may have, for a network with this number of classes. */
  suffixes(classes: number): readonly string[];
  /** The files of one image. */
  encode(
    predicted: PredictedImage,
    encoders: PngEncoders,
  ): {
    readonly files: readonly EncodedFile[];
    /** Additional fields for the JSON of `predict`. */
    readonly facts?: Readonly<Record<string, unknown>>;
  };
}
