// The files that `predict` writes: their names, which may not collide, and what is in them.

import { existsSync, realpathSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { foldName } from "../../data/file-names.js";
import type { ImageFile } from "../../node/image-files.js";
import { encodePalettePng, encodePng, picturePng } from "../../node/png-files.js";
import { writeFileAtomic } from "../../node/run-files.js";
import type { PredictedImage, PredictionOutput } from "../../outputs/prediction-outputs.js";

const PNG = { encodePng, encodePalettePng, picturePng };

/** What is written of one image. */
export interface OutputFiles {
  /** Their bytes by path. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** The files by what they are, and the number of objects. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Encodes the outputs. `stem`: their path without what is added. */
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

/**
 * Throws when a result would replace an input, or another input's result; also where only a disk blind
 * to case, or to how letters are composed, would take two names for one. Nothing is made yet.
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
