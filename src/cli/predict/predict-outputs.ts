// The files that `predict` writes: their names, which must not collide, and their contents.

import { existsSync, realpathSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { foldName } from "../../data/file-names.js";
import type { ImageFile } from "../../node/image-files.js";
import { encodePalettePng, encodePng, picturePng } from "../../node/png-files.js";
import { writeFileAtomic } from "../../node/run-files.js";
import type { PredictedImage, PredictionOutput } from "../../outputs/output-types.js";

const PNG = { encodePng, encodePalettePng, picturePng };

/** What is written for one image. */
export interface OutputFiles {
  /** Their bytes by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The files by output, and the number of objects. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Encodes the outputs. `stem`: their path without suffix and extension. */
export function encodePrediction(
  predicted: PredictedImage,
  outputs: readonly PredictionOutput[],
  stem: string,
): OutputFiles {
  const files = new Map<string, Uint8Array>();
  const report: Record<string, unknown> = {};
  for (const output of outputs) {
    const { files: encoded, facts } = output.encode(predicted, PNG);
    for (const { key, suffix, bytes } of encoded) {
      const path = `${stem}${suffix}`;
      files.set(path, bytes);
      const before = report[key] as string[] | undefined;
      report[key] = key === "probability" ? [...(before ?? []), path] : path;
    }
    Object.assign(report, facts);
  }
  return { files, report };
}

/** Writes them; if one cannot be written, the others are deleted again. */
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

/**
 * Throws if a result would replace an input, or another input's result, also on file systems that ignore
 * case or Unicode composition. Runs before anything is written.
 */
export function refuseOverwriting(
  inputs: readonly ImageFile[],
  output: string,
  classes: number,
  outputs: readonly PredictionOutput[],
): void {
  const folder = realPath(output);
  const files = inputs.flatMap(({ image, channelFiles = [] }) => [image, ...channelFiles]);
  const sources = new Set([...new Set(files)].map((file) => foldName(realPath(file))));
  const results = new Map<string, string>();
  for (const { name, image } of inputs) {
    for (const suffix of outputs.flatMap((one) => one.suffixes(classes))) {
      const file = `${name}${suffix}`;
      const path = join(folder, file);
      if (sources.has(foldName(realPath(path)))) {
        throw new Error(
          `--output ${output}: ${file} would overwrite an input; choose another folder`,
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
