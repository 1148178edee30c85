// Summarises a sample before tiles are cut from it: a few numbers instead of its pixels.

import { checkImage, checkLabel } from "./check-image.js";
import { classCounts } from "./class-counts.js";
import type { LabelMap, Sample, StoredImage } from "./image-types.js";
import { type ChannelScale, channelScales } from "./normalise.js";

/** What is known of a sample without keeping its pixels. */
export interface SampleSurvey {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Channels of the image. */
  readonly channels: number;
  /** Number of classes. */
  readonly classes: number;
  /** Bits per number of the image as stored. */
  readonly bits: number;
  /** How each channel is normalised. */
  readonly scales: readonly ChannelScale[];
  /** Pixels of each class; unlabelled ones are not counted. */
  readonly counts: readonly number[];
}

/**
 * Surveys a sample. Throws for sizes that do not match the data, image and label of different
 * sizes, and a label with invalid classes.
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
  /** Unlike that of any other sample. */
  readonly name: string;
  /** Its size, channels and classes, as `read` must give them. */
  readonly survey: SampleSurvey;
  /** Where it is read from: a plain value that can be sent to another thread. */
  readonly source: unknown;
  /** Reads it. Rejects if the file is gone or damaged. */
  read(): Promise<Sample>;
}

/** Returns the sample itself, read from its files if it is not in memory. */
export async function readSample(sample: Sample | SampleFile): Promise<Sample> {
  return "read" in sample ? sample.read() : sample;
}

/** Returns width, height and channels of a sample's image, in memory or not. */
export function imageSize(
  sample: Sample | SampleFile,
): Pick<SampleSurvey, "width" | "height" | "channels"> {
  return "read" in sample ? sample.survey : sample.image;
}

/** Returns the classes of a sample's label, and their pixels. */
export function classesOf(sample: Sample | SampleFile): Pick<SampleSurvey, "classes" | "counts"> {
  if ("read" in sample) return sample.survey;
  return { classes: sample.label.classes, counts: classCounts(sample.label) };
}
