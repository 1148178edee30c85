// The training of a comparison: one network after the other, each in its own run folder.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { createModel } from "../../model/architectures.js";
import {
  type Comparison,
  type ComparisonSettings,
  writeComparison,
} from "../../node/comparison-folder.js";
import { createRunFolder, type RunConfig, readRunFolder } from "../../node/run-folder.js";
import { earlierTraining } from "../../train/config.js";
import type { TrainingConfig, TrainingResult } from "../../train/training-types.js";
import { grouped, shellQuote } from "../format.js";
import type { Progress } from "../progress-bar.js";
import type { Context, OpenDevice } from "../services.js";
import { dataName, type RunData } from "../train/train-data.js";
import { measureBaselines } from "../train/train-report.js";
import { kernelsOf, reportOrRemark, trainIntoFolder, useKernels } from "../train/training-run.js";
import { type Contender, equalised } from "./compare-networks.js";

/** What all parts of a comparison share. */
export interface ComparisonWork {
  readonly folder: string;
  readonly settings: ComparisonSettings;
  readonly contenders: readonly Contender[];
  readonly data: RunData;
  readonly device: OpenDevice;
  readonly progress: Progress;
  readonly context: Context;
  /** Threads that cut the tiles. */
  readonly workers: number | undefined;
}

/** By the networks' names. */
export type Trained = Record<string, Required<Comparison["progress"][string]>>;

/** What `compare.json` holds in addition to progress and results. */
export function describeComparison({
  context,
  device,
  settings,
}: ComparisonWork): Omit<Comparison, "progress"> {
  return {
    micrograph: context.version,
    command: ["micrograph", ...context.args].map(shellQuote).join(" "),
    adapter: device.describe().adapter,
    settings,
  };
}

/** Trains the networks that are not trained yet; undefined if the user stopped it. */
export async function trainAll(
  work: ComparisonWork,
  before: Comparison["progress"],
): Promise<Trained | undefined> {
  const { contenders, progress, folder } = work;
  const [reference] = contenders;
  const done: Record<string, Comparison["progress"][string]> = { ...before };
  const save = () => writeComparison(folder, { ...describeComparison(work), progress: done });
  const kernels = kernelsOf(work.device);
  for (const contender of contenders) {
    const { name, run } = contender;
    if (run !== name) {
      done[name] = done[run];
      continue;
    }
    const known = done[name];
    if (known?.result) {
      progress.line(`${name}: already trained, ${grouped(known.result.steps)} steps`);
      continue;
    }
    const steps = done[reference.name]?.result?.steps ?? reference.training.steps;
    useKernels(work.device, kernels);
    const training = equalised(contender, reference, steps);
    const {
      steps: count,
      best,
      reason,
      elapsedMs,
    } = await trainOne(work, contender, training, save);
    done[name] = { elapsedMs: (known?.elapsedMs ?? 0) + elapsedMs };
    if (reason !== "aborted") done[name] = { ...done[name], result: { steps: count, best } };
    await save();
    if (reason !== "aborted") continue;
    progress.line(`Stopped. Run the same command again to continue ${name} after ${count} steps.`);
    return undefined;
  }
  return done as Trained;
}

/** Trains one network into its run folder, or continues there; `save` writes the state of the comparison. */
async function trainOne(
  { folder, data, device, progress, context, settings, workers }: ComparisonWork,
  { name, model, task, models }: Contender,
  training: TrainingConfig,
  save: () => Promise<void>,
): Promise<TrainingResult> {
  const place = join(folder, name);
  const isBegun = existsSync(join(place, "last.safetensors"));
  const begun = isBegun ? await readRunFolder(place, { models }) : undefined;
  if (begun) useKernels(device, begun.config.kernels);
  const run: RunConfig = begun?.config ?? {
    micrograph: context.version,
    command: ["micrograph", ...context.args].map(shellQuote).join(" "),
    name: `${dataName(data.source)}, ${name}`,
    data: data.source,
    training: settings.training,
    validation: settings.validation,
    digests: settings.digests,
    context: data.context,
    ignore: settings.ignore,
    labels: data.labels,
    adapter: device.describe().adapter,
    kernels: kernelsOf(device),
    model,
    task,
    config: training,
  };
  const { tile, steps, batch, accumulate } = earlierTraining(run.config);
  const network = createModel(model, models);
  const output = network.outputSize(tile);
  progress.line(
    `\n${network.title}: ${grouped(steps)} steps of ${accumulate * batch} x ${tile} x ` +
      `${tile} pixels, trained on the inner ${output} x ${output}`,
  );
  const toContinue = "run the same command again to continue";
  const job = { run, device, data, resume: begun?.checkpoint, workers, toContinue, models };
  const create = async () => {
    await save();
    return createRunFolder(name, { output: place });
  };
  const where = begun ? { place } : { create };
  const { result } = await trainIntoFolder({ ...job, ...where }, context.services, progress);
  if (result.reason !== "aborted") {
    await reportOrRemark(
      { ...job, place },
      await measureBaselines(data),
      context.services,
      progress,
    );
  }
  return result;
}
