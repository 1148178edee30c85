// The folder of a run: its configuration, logs, checkpoints and pictures, written while it trains.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { checkKeys } from "../arguments/keys.js";
import { shown } from "../arguments/shown.js";
import { type ClassLegend, classLegend } from "../data/classes.js";
import { safeFileName } from "../data/file-names.js";
import { classFieldsOf, splitTask } from "../data/task.js";
import { profileCsv } from "../gpu/profile-text.js";
import { createModel } from "../model/architectures.js";
import { predictionRow } from "../pictures/sheet.js";
import { canonicalJson } from "../train/checkpoint-metadata.js";
import type { Checkpoint, SamplePrediction, TrainingListener } from "../train/training-types.js";
import { checkpointFiles, loadCheckpoint, saveCheckpoint } from "./checkpoint.js";
import { lossChart } from "./loss-chart.js";
import { picturePng } from "./png-files.js";
import {
  type ReadRunOptions,
  type RunConfig,
  readRunConfig,
  writeRunConfig,
} from "./run-config.js";
import { ensureFolder, removeTemporaryFiles, writeFileAtomic } from "./run-files.js";
import { openRunLog } from "./run-log.js";

export { type ReadRunOptions, type RunConfig, readRunConfig } from "./run-config.js";

/** The largest number of held-out images with overlays: more would take too long. */
const MAX_OVERLAYS = 8;

/** Throws if a folder contains a run with a checkpoint, which a new run there would lose. */
export function refuseExistingRun(folder: string): void {
  // A run that failed before its first checkpoint has nothing to lose, and cannot be resumed.
  const [best, last] = checkpointFiles(folder);
  if (existsSync(last)) {
    throw new Error(
      `${folder}: it contains a run already: continue it with --resume ${folder}, ` +
        "or use another folder with --output",
    );
  }
  if (existsSync(best)) {
    throw new Error(
      `${best}: it is of a run that cannot be continued, since ${last} is missing: ` +
        "delete it, or use another folder with --output",
    );
  }
}

/**
 * Creates the folder of a new run: `output`, or `runs/<date>-<name>` in the working directory.
 * Throws if `output` contains a run with a checkpoint, which would be lost.
 */
export async function createRunFolder(
  name: string,
  options: { readonly output?: string; readonly now?: Date } = {},
): Promise<string> {
  checkKeys("createRunFolder", options, { output: 1, now: 1 });
  if (options.output !== undefined) {
    refuseExistingRun(options.output);
    await ensureFolder(join(options.output, "samples"));
    return options.output;
  }
  const stem = join("runs", `${localTime(options.now ?? new Date())}-${fileName(name)}`);
  let folder = stem;
  for (let copy = 2; existsSync(folder); copy++) folder = `${stem}-${copy}`;
  await ensureFolder(join(folder, "samples"));
  return folder;
}

/**
 * Reads configuration and last checkpoint of a run to resume. Throws one line if a file is missing
 * or damaged, or if the checkpoint is not of this run; nothing in the folder is changed.
 */
export async function readRunFolder(
  folder: string,
  options: ReadRunOptions = {},
): Promise<{ config: RunConfig; checkpoint: Checkpoint }> {
  checkKeys("readRunFolder", options, { models: 1 });
  const config = await readRunConfig(folder, options);
  const last = join(folder, "last.safetensors");
  const checkpoint = await loadCheckpoint(last, options);
  if (checkpoint.metadata.progress === undefined) {
    throw new Error(`${last}: it cannot be resumed: it holds no progress of a training run`);
  }
  checkBelongs(checkpoint, config, last);
  return { config, checkpoint };
}

/** Throws if the checkpoint is of another network than the run, or lacks the optimizer's state. */
function checkBelongs({ metadata, tensors }: Checkpoint, run: RunConfig, path: string): void {
  for (const key of Object.keys(run.model)) {
    const [own, other] = [run.model[key], metadata.model[key]];
    if (canonicalJson(own) === canonicalJson(other)) continue;
    throw new Error(
      `${path}: it is of another network: its ${key} is ${shown(other)}, but the run has ${shown(own)}`,
    );
  }
  if (![...tensors.keys()].some((name) => name.startsWith("optimizer."))) {
    throw new Error(
      `${path}: it cannot be resumed: it has no state of the optimizer (a best checkpoint?)`,
    );
  }
}

/**
 * Returns a listener that writes a run to `folder`. `resumedAt` is the step of the checkpoint from
 * which the run continues: later entries in the logs are dropped.
 */
export async function recordRun(
  folder: string,
  config: RunConfig,
  resumedAt?: number,
  { models }: ReadRunOptions = {},
): Promise<TrainingListener> {
  await removeTemporaryFiles(folder);
  await writeRunConfig(folder, config);
  const ofCells = config.task?.objects !== undefined;
  const log = await openRunLog(folder, { after: resumedAt, ofCells });
  const { title: network } = createModel(config.model, models);
  const title = `${config.name}: ${network}, tile ${config.config.tile}`;
  const apart = splitTask(config.model, config.task);
  const writeChart = () => writeFileAtomic(join(folder, "loss.svg"), lossChart(log.history(title)));
  return {
    async onEvent(event) {
      await log.add(event);
      if (event.type === "validation" || event.type === "end") await writeChart();
    },
    async onCheckpoint(kind, { tensors, metadata }) {
      const { ignore } = config;
      const known = {
        ...metadata,
        ...(ignore === undefined ? {} : { ignore }),
        ...(apart.task ? { task: apart.task } : {}),
      };
      // The log first: a resumed run drops what follows its checkpoint, and cannot add what precedes it.
      if (kind === "last") await log.flush();
      await saveCheckpoint(join(folder, `${kind}.safetensors`), { tensors, metadata: known });
    },
    async onPrediction(_step, prediction, index) {
      if (index >= MAX_OVERLAYS) return;
      await writeOverlay(folder, prediction, classLegend(classFieldsOf(apart)));
    },
    async onProfile(profile) {
      const json = `${JSON.stringify(profile, null, 2)}\n`;
      await writeFileAtomic(join(folder, "profile.json"), json);
      await writeFileAtomic(join(folder, "profile.csv"), profileCsv(profile));
    },
  };
}

async function writeOverlay(
  folder: string,
  { sample, prediction }: SamplePrediction,
  legend: ClassLegend,
): Promise<void> {
  const path = join(folder, "samples", `${sample.name}.png`);
  await writeFileAtomic(path, picturePng(predictionRow(sample, prediction, legend)));
}

/** 2026-01-31-170509, in the local time zone. */
function localTime(date: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

function fileName(name: string): string {
  const words = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[-.]+|-+$/g, "");
  return safeFileName(words) || "run";
}
