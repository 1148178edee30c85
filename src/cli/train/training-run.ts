// One training run in its folder: `train` makes one, `compare` one per network.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { profileLines } from "../../gpu/profile-text.js";
import type { Architecture } from "../../model/architecture.js";
import { batchWorkers } from "../../node/batch-workers.js";
import { type RunConfig, recordRun } from "../../node/run-folder.js";
import type { Checkpoint, TrainingListener, TrainingResult } from "../../train/training-types.js";
import { interruptible } from "../interrupt.js";
import { networkOf } from "../options/own-model.js";
import type { Progress } from "../progress-bar.js";
import { makeReport } from "../report/report-command.js";
import type { OpenDevice, Services } from "../services.js";
import type { RunData } from "./train-data.js";
import { showTraining } from "./train-progress.js";
import type { Baselines } from "./train-report.js";

export interface TrainingJob {
  /** Folder of a run that is resumed. */
  readonly place?: string | undefined;
  /** Creates the folder of a new run: called when it has started, so that nothing is left of one that is refused. */
  readonly create?: () => Promise<string>;
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
  /** What an error says about how to go on; by default the command that resumes the run. */
  readonly toContinue?: string;
}

/**
 * Trains, records the run in its folder and shows progress; the first Ctrl-C stops and saves it. An error
 * says how the run is continued, if it can be.
 */
export async function trainIntoFolder(
  { place: resumed, create, ...job }: TrainingJob,
  services: Services,
  progress: Progress,
): Promise<RunEnd> {
  let place = resumed;
  const open = async () => {
    place ??= (await create?.()) as string;
    return place;
  };
  try {
    const result = await trainOnce({ ...job, open }, services, progress);
    return { place: await open(), result };
  } catch (error) {
    progress.stop();
    if (place === undefined || !existsSync(join(place, "last.safetensors"))) throw error;
    const { toContinue = `continue with --resume ${place}` } = job;
    const reason = error instanceof Error ? error.message : error;
    // Continued, it would diverge again.
    const advice = /\bdiverged\b/.test(String(reason))
      ? `its checkpoints are of steps before: start with --from ${place} and a lower --learning-rate`
      : toContinue;
    throw new Error(`${reason}; ${advice}`, { cause: error });
  }
}

/** A run at its end. */
export interface RunEnd {
  /** Its folder. */
  readonly place: string;
  readonly result: TrainingResult;
}

interface Training extends Omit<TrainingJob, "place" | "create"> {
  /** Returns the folder of the run, which then exists. */
  open(): Promise<string>;
}

async function trainOnce(
  { open, run, device, data, resume, from, profile, workers = 1, models = [] }: Training,
  services: Services,
  progress: Progress,
): Promise<TrainingResult> {
  const { model, task, config: training } = run;
  let recorder: Promise<TrainingListener> | undefined;
  const record = () => {
    const step = resume?.metadata.progress?.step;
    recorder ??= open().then((place) => {
      progress.line(`Run folder: ${place}`);
      return recordRun(place, run, step, { models });
    });
    return recorder;
  };
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
          await (await record()).onEvent?.(event);
          display(event);
        },
        async onCheckpoint(kind, checkpoint) {
          await (await record()).onCheckpoint?.(kind, checkpoint);
        },
        async onPrediction(step, prediction, index) {
          await (await record()).onPrediction?.(step, prediction, index);
        },
        async onProfile(profile) {
          await (await record()).onProfile?.(profile);
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

/** What a report is made of. */
type ReportJob = Pick<TrainingJob, "data" | "device" | "models"> & Pick<RunEnd, "place">;

/** The run is already saved: a report that cannot be made is a remark, not an error. */
export async function reportOrRemark(
  { place, data, device, models }: ReportJob,
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
