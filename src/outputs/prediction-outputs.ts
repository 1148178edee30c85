// The outputs that can be written for a prediction: one list for `predict`, `evaluate` and the app.

import { connectedComponents } from "../data/components.js";
import type { Colour, Image, PixelSize, RawImage } from "../data/image-types.js";
import { outlines } from "../data/outlines.js";
import type { ObjectKind } from "../data/task.js";
import type { PaletteImage } from "../formats/png/palette-png.js";
import type { PngImage } from "../formats/png/png.js";
import { encodeTiff } from "../formats/tiff/write-tiff.js";
import { cellProbability } from "../objects/cells-of-classes.js";
import { measureObjects } from "../objects/measure.js";
import { measurementsCsv } from "../objects/measurement-table.js";
import type { ObjectLabels } from "../objects/object-labels.js";
import {
  DEFAULT_SEPARATION,
  type SeparationOptions,
  separateObjects,
} from "../objects/separate-objects.js";
import { cellPicture } from "../pictures/cell-picture.js";
import type { Picture } from "../pictures/picture.js";
import { outlinePicture, tintedPicture } from "../pictures/views.js";

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

const mask: PredictionOutput = {
  name: "mask",
  appWords: "Mask: the class of each pixel.",
  suffixes: (classes) => (classes === 2 ? [".png"] : [".png", "-colours.png"]),
  encode({ image: { width, height }, classes, indices, colours }, encoders) {
    const data = classes === 2 ? indices.map((index) => 255 * index) : indices;
    const bytes = encoders.encodePng({ width, height, channels: 1, bitDepth: 8, data });
    const file = { key: "mask", suffix: ".png", bytes };
    if (classes === 2) return { files: [file] };
    const coloured = encoders.encodePalettePng({ width, height, indices, palette: colours });
    return { files: [file, { key: "colours", suffix: "-colours.png", bytes: coloured }] };
  },
};

/** For two classes the probability of class 1, for more that of each class. */
const probability: PredictionOutput = {
  name: "probability",
  appWords: "Probability: 16 bits per pixel.",
  suffixes: (classes) =>
    classes === 2
      ? ["-probability.png"]
      : Array.from({ length: classes }, (_, index) => `-probability-${index}.png`),
  encode({ image: { width, height }, classes, probabilities }, encoders) {
    const files = probability.suffixes(classes).map((suffix, i) => {
      const index = classes === 2 ? 1 : i;
      const plane = probabilities.subarray(index * width * height, (index + 1) * width * height);
      // In 64 bits, so that rounding to 1/65535 is the only rounding.
      const data = Float64Array.from(plane, (value) => 65535 * value);
      const bytes = encoders.encodePng({ width, height, channels: 1, bitDepth: 16, data });
      return { key: "probability", suffix, bytes };
    });
    return { files };
  },
};

const components: PredictionOutput = {
  name: "components",
  help:
    "also <name>-components.png: a number per object, 16 bits; above 65,535 objects " +
    "<name>-components.tif, 32 bits",
  appWords: "Components: a number per object.",
  suffixes: () => ["-components.png", "-components.tif"],
  encode({ image: { width, height }, indices }, encoders) {
    const { labels, count } = connectedComponents(indices, width, height);
    const [png, tif] = components.suffixes(2);
    const size = { width, height, channels: 1 } as const;
    const file =
      count < 2 ** 16
        ? { suffix: png, bytes: encoders.encodePng({ ...size, bitDepth: 16, data: labels }) }
        : {
            suffix: tif,
            bytes: encodeTiff({ ...size, maximum: 2 ** 32 - 1, data: Uint32Array.from(labels) }),
          };
    return { files: [{ key: "components", ...file }], facts: { objects: count } };
  },
};

const outlineMask: PredictionOutput = {
  name: "outlines",
  help: "also <name>-outlines.png: the outlines of the objects, white on black",
  suffixes: () => ["-outlines.png"],
  encode({ image: { width, height }, indices }, encoders) {
    const data = outlines(indices, width, height).map((edge) => 255 * edge);
    const bytes = encoders.encodePng({ width, height, channels: 1, bitDepth: 8, data });
    return { files: [{ key: "outlines", suffix: "-outlines.png", bytes }] };
  },
};

const overlay: PredictionOutput = {
  name: "overlay",
  help: "also <name>-overlay.png: the outlines in colour over the image",
  appWords: "Overlay: outlines on the image.",
  suffixes: () => ["-overlay.png"],
  encode({ image, classes, indices, colours }, encoders) {
    const { width, height } = image;
    const draw = classes === 2 ? outlinePicture : tintedPicture;
    const bytes = encoders.picturePng(draw(image, { width, height, data: indices }, colours));
    return { files: [{ key: "overlay", suffix: "-overlay.png", bytes }] };
  },
};

/** Single cells by number, to measure and to look at. */
const objects: PredictionOutput = {
  name: "objects",
  help:
    "also <name>-objects.tif: touching cells apart, a number for each, 16 bits (32 above 65,535 cells), " +
    "and <name>-objects-colours.png to look at",
  suffixes: () => ["-objects.tif", "-objects-colours.png"],
  encode(predicted, encoders) {
    const { image, classes, cells = {}, pixelSize } = predicted;
    const { width, height } = image;
    const found = cellsOf(predicted);
    const isWide = found.count >= 2 ** 16;
    const data = isWide ? Uint32Array.from(found.data) : Uint16Array.from(found.data);
    const maximum = isWide ? 2 ** 32 - 1 : 2 ** 16 - 1;
    const bytes = encodeTiff({ width, height, channels: 1, maximum, data, pixelSize });
    const picture = encoders.picturePng(cellPicture(image, found));
    const [labels, colours] = objects.suffixes(classes);
    return {
      files: [
        { key: "objectLabels", suffix: labels, bytes },
        { key: "objectColours", suffix: colours, bytes: picture },
      ],
      facts: {
        objectCount: found.count,
        separation: cells.separation ?? DEFAULT_SEPARATION,
      },
    };
  },
};

/** Single cells as a table. */
const measure: PredictionOutput = {
  name: "measure",
  help: "also <name>-objects.csv: size, shape, place and brightness of each cell (docs/objects.md)",
  suffixes: () => ["-objects.csv"],
  encode(predicted) {
    const { image, stored = image, file = "", pixelSize } = predicted;
    const found = cellsOf(predicted);
    const objects = measureObjects(found, { image: stored, pixelSize });
    const table = measurementsCsv([{ file, objects, pixelSize }]);
    const bytes = new TextEncoder().encode(table);
    const [suffix] = measure.suffixes(predicted.classes);
    return {
      files: [{ key: "measurements", suffix, bytes }],
      facts: { objectCount: found.count },
    };
  },
};

/** The cells of a prediction, separated once for all outputs that need them. */
const cellsOfPredictions = new WeakMap<PredictedImage, ObjectLabels>();

function cellsOf(predicted: PredictedImage): ObjectLabels {
  const known = cellsOfPredictions.get(predicted);
  if (known) return known;
  const { image, classes, probabilities, cells = {} } = predicted;
  const { width, height } = image;
  const { kind, ...options } = cells;
  const plane = cellProbability({ width, height, classes, probabilities }, kind);
  const found = separateObjects(plane, options);
  cellsOfPredictions.set(predicted, found);
  return found;
}

/** All outputs, in the order in which they are written. */
export const PREDICTION_OUTPUTS: readonly PredictionOutput[] = [
  mask,
  probability,
  components,
  outlineMask,
  overlay,
  objects,
  measure,
];
