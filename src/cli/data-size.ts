// How much memory a data set takes, in a sentence.

import type { Sample } from "../data/image-types.js";
import type { SampleFile } from "../data/survey.js";
import { countText } from "./format.js";

interface Size {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bits: number;
}

/** "Data: 200 images of 2048 x 2048, 8 bits: 1.7 GB with their labels, in memory." */
export function dataSize(samples: readonly (Sample | SampleFile)[]): string {
  const sizes = samples.map(sizeOf);
  const read = samples.flatMap((sample, i) => ("read" in sample ? bytesOf(sizes[i]) : []));
  const kinds = new Set(sizes.map(({ bits }) => `${bits} bits`));
  const { channels } = sizes[0];
  const what = [
    `${countText(samples.length, "image")} of ${sides(sizes)}`,
    ...(channels > 1 ? [`${channels} channels`] : []),
    [...kinds].join(" and "),
  ].join(", ");
  const all = sum(sizes.map(bytesOf));
  const where =
    read.length === 0
      ? "in memory"
      : `${bytesText(all - sum(read))} of it stay in memory; ${countText(read.length, "image")} ` +
        `${read.length === 1 ? "is" : "are"} read again from ` +
        `${read.length === 1 ? "its file" : "their files"} when needed ` +
        "(MICROGRAPH_DATA_MEMORY sets how many megabytes stay in memory)";
  return `Data: ${what}: ${bytesText(all)} with their labels, ${where}.`;
}

function sizeOf(sample: Sample | SampleFile): Size {
  if ("read" in sample) return sample.survey;
  const { width, height, channels, data } = sample.image;
  return { width, height, channels, bits: 8 * data.BYTES_PER_ELEMENT };
}

/** Bytes of an image and its label, which has 8 bits per pixel. */
function bytesOf({ width, height, channels, bits }: Size): number {
  return width * height * (1 + (channels * bits) / 8);
}

function sides(sizes: readonly Size[]): string {
  const texts = new Set(sizes.map(({ width, height }) => `${width} x ${height}`));
  if (texts.size === 1) return [...texts][0];
  const byPixels = [...sizes].sort((a, b) => a.width * a.height - b.width * b.height);
  const [least, most] = [byPixels[0], byPixels[byPixels.length - 1]];
  return `${least.width} x ${least.height} to ${most.width} x ${most.height}`;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

function bytesText(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
