// `micrograph train`: data, device, run folder, loop, report.

import { join } from "node:path";
import { profileLines } from "../gpu/profile-text.js";
import { createModel } from "../model/architectures.js";
import { batchWorkers } from "../node/batch-workers.js";
import { createRunFolder, type RunConfig, readRunFolder, recordRun } from "../node/run-folder.js";
import type { ModelConfig, TrainingConfig, TrainingListener } from "../train/types.js";
import { shellQuote } from "./format.js";
import { interruptible } from "./interrupt.js";
import { createProgress, type Progress } from "./progress.js";
import { makeReport } from "./report-command.js";
import type { Context, OpenDevice } from "./services.js";
import {
  dataName,
  drawSample,
  loadFolders,
  namesData,
  type RunData,
  reloadData,
} from "./train-data.js";
import { resolveRun, type TrainOptions } from "./train-options.js";
import { showTraining } from "./train-progress.js";
import {
  type Finished,
  measureBaselines,
  resultJson,
  resultLines,
  writeSampleInputs,
} from "./train-report.js";
import { tuneAndKeep, tuneLines } from "./tune-command.js";

type Resumed = Awaited<ReturnType<typeof readRunFolder>>;

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runTrain(
  folder: string | undefined,
  options: TrainOptions,
  context: Context,
): Promise<number> {
  const resumed = options.resume === undefined ? undefined : await readRunFolder(options.resume);
  if (resumed) refuseData(folder, options);
  if (resumed && options.tune) {
    throw new Error("--tune: a run that goes on keeps its kernels; leave it out");
  }
  const fromFolders = namesData(folder, options);
  const kind = (resumed ? resumed.config.data !== "sample" : fromFolders) ? "data" : "sample";
  const { model, training } = resolveRun(options, kind, resumed?.config);
  if (resumed) refuseFinished(resumed, training.steps, options.resume as string);

  if (kind === "sample" && model.classes !== 2) {
    throw new Error(`--classes: got ${model.classes}, but the embedded sample has 2 classes`);
  }
  const output = options.json ? context.stderr : context.stdout;
  const progress = createProgress(output);
  const data = resumed
    ? await reloadData(resumed.config)
    : fromFolders
      ? await loadFolders(folder, options, model.classes)
      : drawSample();
  for (const remark of data.remarks) progress.line(remark);
  const channels = data.training[0].image.channels;

  const device = await context.services.openDevice(progress.line);
  try {
    await chooseKernels(device, { model: { ...model, channels }, training }, progress, {
      context,
      resumed,
      options,
    });
    const config: RunConfig = {
      micrograph: context.version,
      command: ["micrograph", ...context.args].map(shellQuote).join(" "),
      preset: options.preset ?? resumed?.config.preset,
      name: options.name ?? resumed?.config.name ?? dataName(data.source),
      data: data.source,
      training: data.training.map(({ name }) => name),
      validation: data.validation.map(({ name }) => name),
      ignore: resumed ? resumed.config.ignore : options.ignore,
      adapter: device.describe().adapter,
      kernels: Object.fromEntries([...device.choices].sort(([a], [b]) => (a < b ? -1 : 1))),
      model: { ...model, channels },
      config: training,
    };
    const run = options.resume ?? (await createRunFolder(config.name, { output: options.output }));
    const recorder = await recordRun(run, config, resumed?.checkpoint.metadata.progress?.step);
    if (data.source === "sample") await writeSampleInputs(run, data.validation);
    progress.line(introduction(config, data, device));
    progress.line(`Run folder: ${run}`);
    const finished = await trainInto(run, device, data, config, recorder, progress, {
      context,
      resumed,
      options,
    });
    await report(finished, device, context, progress);
    if (options.json) context.stdout.write(`${JSON.stringify(resultJson(finished), null, 2)}\n`);
    for (const line of resultLines(finished)) progress.line(line);
    return finished.result.reason === "aborted" ? 130 : 0;
  } finally {
    progress.stop();
    device.close();
  }
}

/** The run is saved by now: a report that cannot be made is a remark, not an error. */
async function report(
  { run, data, baselines }: Finished,
  device: OpenDevice,
  { services }: Context,
  progress: Progress,
): Promise<void> {
  try {
    await makeReport(run, { data, device, baselines }, services);
  } catch (error) {
    progress.line(`No report.html: ${error instanceof Error ? error.message : error}`);
  }
}

/** What the command was given. */
interface Call {
  readonly context: Context;
  readonly resumed: Resumed | undefined;
  readonly options: TrainOptions;
}

/** The choices of the run: those it began with, else what is known of the adapter. */
async function chooseKernels(
  device: OpenDevice,
  network: { model: ModelConfig; training: TrainingConfig },
  progress: Progress,
  { context, resumed, options }: Call,
): Promise<void> {
  if (resumed) {
    device.choices.clear();
    for (const [layer, kernel] of Object.entries(resumed.config.kernels ?? {})) {
      device.choices.set(layer, kernel);
    }
  } else if (options.tune) {
    const { result } = await tuneAndKeep(device, network, { again: false }, context, progress);
    progress.line(tuneLines(result).at(-1) as string);
  }
}

async function trainInto(
  run: string,
  device: OpenDevice,
  data: RunData,
  config: RunConfig,
  recorder: TrainingListener,
  progress: Progress,
  { context, resumed, options }: Call,
): Promise<Finished> {
  const { workers = 1 } = options;
  const display = showTraining(progress, config.config);
  const result = await interruptible(
    (signal) =>
      context.services.train(device, data, config.model, config.config, {
        signal,
        ...(resumed ? { resume: resumed.checkpoint } : {}),
        profile: options.profile,
        ...(workers > 0 ? { openBatches: batchWorkers(workers) } : {}),
        async onEvent(event) {
          await recorder.onEvent?.(event);
          display(event);
        },
        onCheckpoint: recorder.onCheckpoint,
        onPredictions: recorder.onPredictions,
        async onProfile(profile) {
          await recorder.onProfile?.(profile);
          for (const line of profileLines(profile)) progress.line(line);
        },
      }),
    () => progress.line("Stopping after this step, then saving. Ctrl-C again quits at once."),
  );
  progress.stop();
  const baselines = measureBaselines(data);
  return { run, data, config, result, baselines, invocation: context.invocation };
}

function introduction(config: RunConfig, data: RunData, device: OpenDevice): string {
  const { title } = createModel(config.model);
  const { tile, batch, steps } = config.config;
  const { adapter, backend } = device.describe();
  const names = data.validation.map(({ name }) => name);
  const held = names.length > 6 ? `${names.slice(0, 6).join(", ")}, ...` : names.join(", ");
  return [
    `${title}; ${steps} steps of ${batch} tile${batch > 1 ? "s" : ""} ` +
      `of ${tile} x ${tile} pixels on ${adapter} (${backend})`,
    `${data.training.length} images to train on, ${names.length} held out: ${held}`,
  ].join("\n");
}

function refuseData(folder: string | undefined, options: TrainOptions): void {
  const given = ["images", "labels", "validation", "ignore", "output"].find(
    (key) => options[key as keyof TrainOptions] !== undefined,
  );
  if (folder === undefined && given === undefined) return;
  const what = given === undefined ? `the folder ${folder}` : `--${given}`;
  throw new Error(`--resume: the run folder says its data and place already; leave out ${what}`);
}

function refuseFinished({ checkpoint }: Resumed, steps: number, folder: string): void {
  const done = checkpoint.metadata.progress?.step ?? 0;
  if (done < steps) return;
  throw new Error(
    `${join(folder, "last.safetensors")}: the run has done ${done} steps of ${steps}; ` +
      "to go on, give a larger --steps",
  );
}
