// The files that `measure` can write for each label file, in addition to the table.

import { encodeTiff } from "../../formats/tiff/write-tiff.js";
import type { MeasuredImage } from "../../objects/measurement-table.js";
import type { ObjectLabels } from "../../objects/object-labels.js";
import { geoJsonOf, roiSetOf } from "../../objects/outline-files.js";

/** Which files to write, and into which folder. */
export interface MeasureFileOptions {
  rois?: boolean;
  geojson?: boolean;
  labelImages?: boolean;
  output?: string;
}

/** The objects of a label file, their numbers in it, and their measurements. */
export interface MeasuredLabels {
  readonly labels: ObjectLabels;
  readonly numbers: readonly number[];
  readonly measured: MeasuredImage;
}

export interface MeasureFile {
  readonly key: "rois" | "geojson" | "labelImages";
  readonly flag: string;
  readonly help: string;
  /** Appended to the label's name. */
  readonly suffix: string;
  encode(measured: MeasuredLabels): Uint8Array | string;
}

export const MEASURE_FILES: readonly MeasureFile[] = [
  {
    key: "rois",
    flag: "--rois",
    help: "also <name>-rois.zip: the outlines for the ROI Manager of Fiji",
    suffix: "-rois.zip",
    encode: ({ labels, numbers }) => roiSetOf(labels, { numbers }),
  },
  {
    key: "geojson",
    flag: "--geojson",
    help: "also <name>.geojson: the outlines for QuPath, with the measurements",
    suffix: ".geojson",
    encode: ({ labels, numbers, measured }) => geoJsonOf(labels, { numbers, measured }),
  },
  {
    key: "labelImages",
    flag: "--label-images",
    help: "also <name>-objects.tif: the objects as an image of 16 or 32 bits, with the pixel size",
    suffix: "-objects.tif",
    encode: ({ labels, numbers, measured }) => labelTiff(labels, numbers, measured),
  },
];

function labelTiff(
  { width, height, data }: ObjectLabels,
  numbers: readonly number[],
  { pixelSize }: MeasuredImage,
): Uint8Array {
  const isNarrow = (numbers.at(-1) ?? 0) < 2 ** 16;
  const values = isNarrow ? new Uint16Array(data.length) : new Uint32Array(data.length);
  for (const [pixel, index] of data.entries()) {
    if (index > 0) values[pixel] = numbers[index - 1];
  }
  const maximum = 2 ** (8 * values.BYTES_PER_ELEMENT) - 1;
  return encodeTiff({ width, height, channels: 1, maximum, data: values, pixelSize });
}

/** The error of options that do not fit together; undefined if they do. */
export function checkMeasurePlaces(options: MeasureFileOptions): string | undefined {
  const asked = MEASURE_FILES.find(({ key }) => options[key]);
  if (asked === undefined || options.output !== undefined) return undefined;
  return `${asked.flag} writes a file for each label: name a folder for them by -o`;
}
