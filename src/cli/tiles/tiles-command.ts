// `micrograph tiles`: the batches that a run trains on, as files, for training by other programs.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { readSample } from "../../data/survey.js";
import type { Batch, TileOptions } from "../../data/tiles.js";
import { type SafetensorsTensor, writeSafetensors } from "../../formats/safetensors.js";
import { createModel } from "../../model/architectures.js";
import { findCheckpoint, loadCheckpoint } from "../../node/checkpoint.js";
import { ensureFolder, writeFileAtomic } from "../../node/run-files.js";
import { readRunConfig } from "../../node/run-folder.js";
import { cutBatches, prepareSampleFiles } from "../../train/batches.js";
import { byteText, countText } from "../format.js";
import { createProgress } from "../progress-bar.js";
import type { Context } from "../services.js";
import { reloadData } from "../train/reload-data.js";

interface TilesOptions {
  readonly output: string;
  readonly steps?: number;
  readonly batch?: number;
  readonly seed?: number;
}

/** Adds the command; `done` gets its exit code. */
export function addTiles(program: Command, context: Context, done: (code: number) => void): void {
  program
    .command("tiles")
    .summary("write the training tiles of a run as files, for PyTorch on many GPUs")
    .description(
      "Writes the batches that a run trains on, with its data, augmentation, weight map and seed: a safetensors\n" +
        "file per batch, with image, label and weight, and tiles.json, which describes them. With export --to\n" +
        "pytorch and examples/cluster/train_ddp.py a network is trained on as many GPUs as there are. Batches\n" +
        "whose files exist are left out.",
    )
    .argument("<run>", "a run folder, such as of train --steps 1")
    .requiredOption("-o, --output <DIR>", "folder to write into")
    .option("--steps <N>", "number of steps (default: those of the run)", whole)
    .option("--batch <N>", "tiles per step, of all GPUs together (default: that of the run)", whole)
    .option("--seed <N>", "of the places and the augmentation (default: that of the run)", whole)
    .action(async (run: string, options: TilesOptions) =>
      done(await runTiles(run, options, context)),
    )
    .addHelpText(
      "after",
      `\nExample:\n  ${context.invocation} tiles runs/cells -o tiles --steps 2000 --batch 16`,
    );
}

function whole(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("expected a whole number from 1.");
}

/** Runs the command; returns the exit code. Throws one line if the run or its data cannot be read. */
export async function runTiles(
  run: string,
  options: TilesOptions,
  { stdout }: Context,
): Promise<number> {
  const config = await readRunConfig(run);
  const { config: own, model: network } = config;
  const { steps = own.steps, batch = own.batch } = options;
  const training = { ...own, steps, batch, seed: options.seed ?? own.seed };
  const { training: samples } = await reloadData(config);
  const { metadata, models } = await loadCheckpoint(findCheckpoint(run));
  const model = createModel(network, models);
  const output = model.outputSize(training.tile);
  const { tileStride: stride, classWeights, w0, sigma, augmentation, seed } = training;
  const { normalisation = { kind: "image" } } = metadata;
  const how = { samples, output, stride, classWeights, w0, sigma, normalisation };
  const prepared = await prepareSampleFiles(how);
  const tiles: TileOptions = { input: training.tile, output, augmentation, seed };
  const { channels, classes } = network;
  await describe(options.output, { channels, classes, input: training.tile, output, training });
  // As many per step as are accumulated.
  const count = steps * training.accumulate;
  const batches = cutBatches({
    ...{ prepared, tiles, size: batch, first: 0, end: count },
    read: ({ given }) => readSample(samples[given]),
  });
  const progress = createProgress(stdout);
  let bytes = 0;
  try {
    for (let index = 0; index < count; index++) {
      const path = join(options.output, `${String(index).padStart(6, "0")}.safetensors`);
      progress.update(index, count, `${path} (${index + 1} of ${count})`);
      if (existsSync(path)) continue;
      const file = encoded(await batches.next(index), { batch, channels, ...tiles });
      bytes += file.length;
      await writeFileAtomic(path, file);
    }
  } finally {
    batches.close();
    progress.stop();
  }
  progress.line(`${countText(count, "file")} in ${options.output}, ${byteText(bytes)} written`);
  return 0;
}

/** Writes tiles.json. Throws if the folder has other tiles. */
async function describe(folder: string, about: object): Promise<void> {
  const path = join(folder, "tiles.json");
  const steps = (text: string) => text.replace(/"steps": \d+/, "");
  const text = `${JSON.stringify(about, null, 2)}\n`;
  const before = await readFile(path, "utf8").catch(() => undefined);
  if (before !== undefined && steps(before) !== steps(text)) {
    throw new Error(`${path}: the folder has tiles of other settings; name another by -o`);
  }
  await ensureFolder(folder);
  await writeFileAtomic(path, text);
}

interface Sizes extends Pick<TileOptions, "input" | "output"> {
  readonly batch: number;
  readonly channels: number;
}

function encoded({ image, label, weight }: Batch, { batch, channels, input, output }: Sizes) {
  const tensor = (data: Float32Array, shape: readonly number[]): SafetensorsTensor => ({
    dtype: "F32",
    shape,
    bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
  const tensors = new Map([
    ["image", tensor(image, [batch, channels, input, input])],
    ["label", tensor(label, [batch, output, output])],
    ["weight", tensor(weight, [batch, output, output])],
  ]);
  return writeSafetensors({ tensors, metadata: {} });
}
