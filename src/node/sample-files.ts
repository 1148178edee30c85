// A sample from its files, by what was decided over all of its set.

import { applyColour, type ColourRule } from "../data/colour-rule.js";
import type { RawImage, Sample, StoredImage } from "../data/image-types.js";
import type { LabelDecision } from "../data/label-decision.js";
import { readLabel } from "../data/label-read.js";
import { createReader, type ImageFile, type ImageReader, type ReadOptions } from "./image-files.js";
import { labelName } from "./label-files.js";
import { shared } from "./shared-memory.js";

/** Where a sample is read from, and how; a plain value, which another thread can read it by. */
export interface SampleSource {
  readonly name: string;
  readonly image: Omit<ImageFile, "name">;
  readonly label: Omit<ImageFile, "name">;
  /** Its size when the set was looked at. */
  readonly width: number;
  readonly height: number;
  readonly colour: ColourRule;
  readonly labels: LabelDecision;
  readonly options: ReadOptions;
}

/**
 * Reads samples; of stacks the last ones stay open. Errors name the file: what reading one says, and
 * an image or a label whose size has changed.
 */
export function createSampleReader(): (source: SampleSource) => Promise<Sample> {
  let readers: { readonly image: ImageReader; readonly label: ImageReader } | undefined;
  return async (source) => {
    const { name, image, label, labels, colour, options } = source;
    readers ??= { image: createReader(options), label: createReader(options) };
    const raw = await readers.image(image);
    checkSize(raw, image.image, source);
    const rawLabel = await readers.label(label);
    checkSize(rawLabel, label.image, source);
    const { label: map } = readLabel(rawLabel, labelName(label), labels);
    return { name, image: withoutPalette(applyColour(raw, colour)), label: map };
  };
}

function checkSize({ width, height }: RawImage, file: string, source: SampleSource): void {
  if (width === source.width && height === source.height) return;
  throw new Error(
    `${file}: it is ${width}x${height} now, but was ${source.width}x${source.height} when the run ` +
      "began: files must stay as they are while a run reads them",
  );
}

/** What a sample keeps of an image: no palette, no alpha. */
export function withoutPalette({ width, height, channels, maximum, data }: RawImage): StoredImage {
  return { width, height, channels, maximum, data };
}

/** The image with its numbers in memory that threads share. */
export function sharedImage(raw: RawImage): RawImage {
  return { ...raw, data: shared(raw.data) };
}
