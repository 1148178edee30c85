// One training run in its folder: `train` makes one, `compare` one per network.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { profileLines } from "../../gpu/profile-text.js";
import type { Architecture } from "../../model/architecture.js";
import { batchWorkers } from "../../node/batch-workers.js";
import { loadCheckpoint } from "../../node/checkpoint.js";
import { type RunConfig, recordRun } from "../../node/run-folder.js";
import type { Checkpoint, TrainingResult } from "../../train/training-types.js";
import { interruptible } from "../interrupt.js";
import { networkOf } from "../options/own-model.js";
import type { Progress } from "../progress-bar.js";
import { makeReport } from "../report/report-command.js";
import type { OpenDevice, Services } from "../services.js";
import type { RunData } from "./train-data.js";
import { showTraining } from "./train-progress.js";
import type { Baselines } from "./train-report.js";

export interface TrainingJob {
  /** Folder of the run; it exists. */
  readonly place: string;
  readonly device: OpenDevice;
  readonly data: RunData;
  readonly run: RunConfig;
  /** Checkpoint of the run to resume. */
  readonly resume?: Checkpoint;
  /** Checkpoint whose weights a new run starts from. */
  readonly from?: Checkpoint;
  readonly profile?: boolean;
  /** Architectures of the user's. */
  readonly models?: readonly Architecture[] | undefined;
  /** Threads that cut the tiles; 0: the main thread. */
  readonly workers?: number;
  /** Opens the device again if it is lost. Without it, a loss ends the run. */
  reopen?(): Promise<OpenDevice>;
}

/** How often a run opens a lost device again. */
const MOST_LOSSES = 3;

/**
 * Trains, records the run in its folder and shows progress; the first Ctrl-C stops and saves it. If
 * the device is lost, the run goes on from its last checkpoint on a new one, with the results of an
 * undisturbed run.
 */
export async function trainIntoFolder(
  job: TrainingJob,
  services: Services,
  progress: Progress,
): Promise<TrainingResult> {
  let current = job;
  for (let losses = 1; ; losses++) {
    try {
      return await trainOnce(current, services, progress);
    } catch (error) {
      const loss = job.reopen && (await services.lossOf(current.device));
      if (!job.reopen || loss === undefined) throw error;
      progress.stop();
      const file = join(job.place, "last.safetensors");
      const isSaved = existsSync(file);
      if (losses > MOST_LOSSES) {
        const saved = isSaved ? `; continue with --resume ${job.place}` : "";
        throw new Error(`${loss}, for the ${losses}th time in this run${saved}`);
      }
      const resume = isSaved ? await loadCheckpoint(file, job) : undefined;
      const step = resume?.metadata.progress?.step ?? 0;
      progress.line(`${loss}. It is opened again, and the run goes on after step ${step}.`);
      const from = resume ? undefined : job.from;
      current = { ...job, device: await job.reopen(), resume, from };
    }
  }
}

async function trainOnce(
  { place, run, device, data, resume, from, profile, workers = 1, models = [] }: TrainingJob,
  services: Services,
  progress: Progress,
): Promise<TrainingResult> {
  const { model, task, config: training } = run;
  const recorder = await recordRun(place, run, resume?.metadata.progress?.step, {
    models,
  });
  const display = showTraining(progress, training);
  const result = await interruptible(
    (signal) =>
      services.train(device, data, networkOf(model, models), training, {
        signal,
        ...(resume ? { resume } : {}),
        ...(from ? { from } : {}),
        task,
        profile,
        ...(workers > 0 ? { openBatches: batchWorkers(workers) } : {}),
        async onEvent(event) {
          await recorder.onEvent?.(event);
          display(event);
        },
        onCheckpoint: recorder.onCheckpoint,
        onPrediction: recorder.onPrediction,
        async onProfile(profile) {
          await recorder.onProfile?.(profile);
          for (const line of profileLines(profile)) progress.line(line);
        },
      }),
    () => progress.line("Stopping after this step, then saving. Ctrl-C again quits at once."),
  );
  progress.stop();
  return result;
}

/** Sets the kernels of the layers to those that a run began with. */
export function useKernels({ choices }: OpenDevice, kernels: RunConfig["kernels"] = {}): void {
  choices.clear();
  for (const [layer, kernel] of Object.entries(kernels)) choices.set(layer, kernel);
}

/** The kernels of the layers, for `config.json`. */
export function kernelsOf({ choices }: OpenDevice): Record<string, string> {
  return Object.fromEntries([...choices].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The run is already saved: a report that cannot be made is a remark, not an error. */
export async function reportOrRemark(
  { place, data, device, models }: TrainingJob,
  baselines: Baselines,
  services: Services,
  progress: Progress,
): Promise<void> {
  try {
    await makeReport(place, { data, device, baselines, models }, services);
  } catch (error) {
    progress.line(`No report.html: ${error instanceof Error ? error.message : error}`);
  }
}
