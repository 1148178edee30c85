// Reads a sample from its files, by the decisions made for its set.

import { applyColour, type ColourRule } from "../data/colour-rule.js";
import type { RawImage, Sample, StoredImage } from "../data/image-types.js";
import type { LabelDecision } from "../data/label-decision.js";
import { readLabel } from "../data/label-read.js";
import { createReader, type ImageFile, type ImageReader, type ReadOptions } from "./image-files.js";
import { labelName } from "./label-files.js";
import { shared } from "./shared-memory.js";

/** Where and how a sample is read: a plain value that can be sent to another thread. */
export interface SampleSource {
  readonly name: string;
  readonly image: Omit<ImageFile, "name">;
  readonly label: Omit<ImageFile, "name">;
  /** Its size when the set was surveyed. */
  readonly width: number;
  readonly height: number;
  readonly colour: ColourRule;
  readonly labels: LabelDecision;
  readonly options: ReadOptions;
}

/**
 * Returns a function that reads samples and keeps the last stacks open. Errors name the file: those
 * of reading, and an image or a label whose size has changed.
 */
export function createSampleReader(): (source: SampleSource) => Promise<Sample> {
  let readers: { readonly image: ImageReader; readonly label: ImageReader } | undefined;
  return async (source) => {
    const { name, image, label, labels, colour, options } = source;
    readers ??= { image: createReader(options), label: createReader(options) };
    const raw = await readers.image(image);
    checkSize(raw, image.image, source);
    const rawLabel = await readers.label(label, raw);
    checkSize(rawLabel, label.image, source);
    const { label: map } = readLabel(rawLabel, labelName(label), labels);
    return { name, image: withoutPalette(applyColour(raw, colour)), label: map };
  };
}

function checkSize({ width, height }: RawImage, file: string, source: SampleSource): void {
  if (width === source.width && height === source.height) return;
  throw new Error(
    `${file}: it is ${width}x${height} now, but was ${source.width}x${source.height} when the run ` +
      "began: files must not change while a run reads them",
  );
}

/** Returns the parts of an image that a sample keeps: no palette, no alpha. */
export function withoutPalette({ width, height, channels, maximum, data }: RawImage): StoredImage {
  return { width, height, channels, maximum, data };
}

/** Returns the image with its numbers in memory shared between threads. */
export function sharedImage(raw: RawImage): RawImage {
  return { ...raw, data: shared(raw.data) };
}
