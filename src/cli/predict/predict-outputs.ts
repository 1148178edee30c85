// The files that `predict` writes: their names, which may not collide, and what is in them.

import { existsSync, realpathSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { connectedComponents } from "../../data/components.js";
import { foldName } from "../../data/file-names.js";
import type { Colour, Image } from "../../data/image-types.js";
import { outlines } from "../../data/outlines.js";
import { writeFileAtomic } from "../../node/files.js";
import type { ImageFile } from "../../node/image-files.js";
import { encodePalettePng, encodePng, picturePng } from "../../node/png.js";
import { outlinePicture, tintedPicture } from "../../pictures/views.js";
import type { Prediction } from "../../train/training-types.js";

/** Pictures that are written where an option asks for them. */
export const EXTRAS = ["components", "outlines", "overlay"] as const;
export type Extra = (typeof EXTRAS)[number];

/** What a prediction is drawn from. */
export interface Predicted {
  readonly image: Image;
  readonly prediction: Prediction;
  /** [height][width] class indices. */
  readonly indices: Uint8Array;
  readonly colours: readonly Colour[];
}

/** What is written of one image. */
export interface OutputFiles {
  /** Their bytes by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The files by what they are, and the number of objects. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Makes mask, probabilities and what else was asked for. `stem`: their path without what is added. */
export function encodePrediction(
  predicted: Predicted,
  extras: readonly Extra[],
  stem: string,
): OutputFiles {
  const files = new Map<string, Uint8Array>();
  const main = mainFiles(predicted, stem, files);
  const more = extraFiles(predicted, extras, stem, files);
  return { files, report: { ...main, ...more } };
}

/** Writes them; where one cannot be written, those that were are taken away again. */
export async function writeOutputs({ files }: OutputFiles): Promise<void> {
  const written: string[] = [];
  try {
    for (const [file, bytes] of files) {
      await writeFileAtomic(file, bytes);
      written.push(file);
    }
  } catch (error) {
    for (const file of written) await unlink(file).catch(() => undefined);
    throw error;
  }
}

/** The mask and the probabilities; with more than two classes the mask in colours too. */
function mainFiles(
  { prediction, indices, colours: palette }: Predicted,
  stem: string,
  files: Map<string, Uint8Array>,
): Record<string, unknown> {
  const { width, height, classes, probabilities } = prediction;
  const data = classes === 2 ? indices.map((index) => 255 * index) : indices;
  const [mask, ...probability] = outputNames(stem, classes);
  const grey = { width, height, channels: 1 } as const;
  files.set(mask, encodePng({ ...grey, bitDepth: 8, data }));
  const colours = classes === 2 ? undefined : probability.pop();
  if (colours) files.set(colours, encodePalettePng({ width, height, indices, palette }));
  for (const [i, path] of probability.entries()) {
    const index = classes === 2 ? 1 : i;
    const plane = probabilities.subarray(index * width * height, (index + 1) * width * height);
    // In 64 bits: the rounding to 1/65535 is the only one.
    const data = Float64Array.from(plane, (value) => 65535 * value);
    files.set(path, encodePng({ ...grey, bitDepth: 16, data }));
  }
  return { mask, probability, ...(colours ? { colours } : {}) };
}

function extraFiles(
  { image, indices, colours }: Predicted,
  extras: readonly Extra[],
  stem: string,
  files: Map<string, Uint8Array>,
): Record<string, unknown> {
  const { width, height } = image;
  const result: Record<string, unknown> = {};
  for (const extra of extras) {
    const file = `${stem}-${extra}.png`;
    if (extra === "overlay") {
      const draw = colours.length === 2 ? outlinePicture : tintedPicture;
      files.set(file, picturePng(draw(image, { width, height, data: indices }, colours)));
    } else if (extra === "outlines") {
      const data = outlines(indices, width, height).map((edge) => 255 * edge);
      files.set(file, encodePng({ width, height, channels: 1, bitDepth: 8, data }));
    } else {
      const { labels, count } = connectedComponents(indices, width, height);
      if (count > 65535) {
        throw new Error(`${file}: ${count} objects were found, and 16 bits number 65535`);
      }
      result.objects = count;
      files.set(file, encodePng({ width, height, channels: 1, bitDepth: 16, data: labels }));
    }
    result[extra] = file;
  }
  return result;
}

function outputNames(name: string, classes: number, extras: readonly Extra[] = []): string[] {
  if (extras.length > 0) {
    return [...outputNames(name, classes), ...extras.map((extra) => `${name}-${extra}.png`)];
  }
  if (classes === 2) return [`${name}.png`, `${name}-probability.png`];
  const each = Array.from({ length: classes }, (_, i) => `${name}-probability-${i}.png`);
  return [`${name}.png`, ...each, `${name}-colours.png`];
}

/**
 * Throws when a result would replace an input, or another input's result; also where only a disk blind
 * to case, or to how letters are composed, would take two names for one. Nothing is made yet.
 */
export function refuseOverwriting(
  inputs: readonly ImageFile[],
  output: string,
  classes: number,
  extras: readonly Extra[],
): void {
  const folder = realPath(output);
  const files = inputs.flatMap(({ image, channelFiles = [] }) => [image, ...channelFiles]);
  const sources = new Set([...new Set(files)].map((file) => foldName(realPath(file))));
  const results = new Map<string, string>();
  for (const { name, image } of inputs) {
    for (const file of outputNames(name, classes, extras)) {
      const path = join(folder, file);
      if (sources.has(foldName(realPath(path)))) {
        throw new Error(
          `--output ${output}: ${file} would overwrite an input; name another folder`,
        );
      }
      const other = results.get(foldName(path));
      if (other !== undefined) {
        throw new Error(
          `${other} and ${image} would both be written as ${join(output, file)}: rename one, or ` +
            "predict them into different folders",
        );
      }
      results.set(foldName(path), image);
    }
  }
}

/** The path with links resolved, as far as it exists. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const whole = resolve(path);
  const above = dirname(whole);
  return above === whole ? whole : join(realPath(above), basename(whole));
}
