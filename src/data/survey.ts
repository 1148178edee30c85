// What the road of the data needs to know of a sample before a tile is cut from it: a few numbers, in
// place of its pixels.

import { checkImage, checkLabel } from "./check-image.js";
import { classCounts } from "./class-counts.js";
import type { LabelMap, Sample, StoredImage } from "./image-types.js";
import { type ChannelScale, channelScales } from "./normalise.js";

export interface SampleSurvey {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Number of classes. */
  readonly classes: number;
  /** Bits of a number of the image as it is stored. */
  readonly bits: number;
  /** How each channel is normalised. */
  readonly scales: readonly ChannelScale[];
  /** Pixels of each class; what nobody labelled is counted nowhere. */
  readonly counts: readonly number[];
}

/**
 * Surveys a sample. Errors: sizes that the data do not fill, image and label of different sizes, a
 * label of no class.
 */
export function surveySample({ name, image, label }: Sample): SampleSurvey {
  checkImage(`sample ${name}`, image);
  checkSizes(name, image, label);
  checkLabel(`sample ${name}`, label);
  const { width, height, channels } = image;
  const { classes } = label;
  const scales = channelScales(image);
  const bits = 8 * image.data.BYTES_PER_ELEMENT;
  return { width, height, channels, classes, bits, scales, counts: classCounts(label) };
}

function checkSizes(name: string, image: StoredImage, label: LabelMap): void {
  if (image.width === label.width && image.height === label.height) return;
  throw new Error(
    `sample ${name}: the image is ${image.width}x${image.height} but its label is ` +
      `${label.width}x${label.height}, expected equal sizes`,
  );
}

/** A sample whose pixels stay in its files until they are needed. */
export interface SampleFile {
  readonly name: string;
  readonly survey: SampleSurvey;
  /** Where it is read from, a plain value that can be handed to another thread. */
  readonly source: unknown;
  read(): Promise<Sample>;
}

/** The sample itself, from its files where it is not in memory. */
export async function readSample(sample: Sample | SampleFile): Promise<Sample> {
  return "read" in sample ? sample.read() : sample;
}

/** Width, height and channels of a sample's image, wherever that is. */
export function imageSize(
  sample: Sample | SampleFile,
): Pick<SampleSurvey, "width" | "height" | "channels"> {
  return "read" in sample ? sample.survey : sample.image;
}

/** The classes of a sample's label, and their pixels. */
export function classesOf(sample: Sample | SampleFile): Pick<SampleSurvey, "classes" | "counts"> {
  if ("read" in sample) return sample.survey;
  return { classes: sample.label.classes, counts: classCounts(sample.label) };
}
