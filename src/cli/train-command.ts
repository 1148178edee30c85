// `micrograph train`: data, device, run folder, loop, report.

import { join } from "node:path";
import { createModel } from "../model/architectures.js";
import { createRunFolder, type RunConfig, readRunFolder } from "../node/run-folder.js";
import type { ModelConfig, TrainingConfig } from "../train/types.js";
import { kebab, shellQuote } from "./format.js";
import { createProgress, type Progress } from "./progress.js";
import { resolveRun } from "./resolve-run.js";
import type { Context, OpenDevice } from "./services.js";
import {
  checkSampleClasses,
  dataName,
  drawSample,
  loadFolders,
  namesData,
  type RunData,
  reloadData,
  withFoundClasses,
} from "./train-data.js";
import type { TrainOptions } from "./train-options.js";
import {
  type Finished,
  measureBaselines,
  resultJson,
  resultLines,
  writeHeldOut,
} from "./train-report.js";
import { kernelsOf, reportOrRemark, trainIntoFolder, useKernels } from "./training-run.js";
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
  const before = resolveRun(options, kind, resumed?.config);
  if (resumed) refuseFinished(resumed, before.training.steps, options.resume as string);

  if (kind === "sample") checkSampleClasses(before.model);
  const output = options.json ? context.stderr : context.stdout;
  const progress = createProgress(output);
  const data = resumed
    ? await reloadData(resumed.config)
    : fromFolders
      ? await loadFolders(folder, options, before.model)
      : drawSample(before.model);
  for (const remark of data.remarks) progress.line(remark);
  const { model: network, training } = resumed
    ? before
    : resolveRun(withFoundClasses(options, data), kind);
  const { classNames = network.classNames, classColours = network.classColours } = data;
  const { channels } = data.training[0].image;
  const model: ModelConfig = {
    ...network,
    channels,
    ...(classNames ? { classNames } : {}),
    ...(classColours ? { classColours } : {}),
  };

  const device = await context.services.openDevice(progress.line);
  try {
    await chooseKernels(device, { model, training }, progress, {
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
      pages: resumed ? resumed.config.pages : options.pages,
      labels: data.labels,
      adapter: device.describe().adapter,
      kernels: kernelsOf(device),
      model,
      config: training,
    };
    const run = options.resume ?? (await createRunFolder(config.name, { output: options.output }));
    if (data.source === "sample") await writeHeldOut(run, data.validation);
    progress.line(introduction(config, data, device));
    progress.line(`Run folder: ${run}`);
    const { profile, workers } = options;
    const job = { run, device, data, config, profile, workers };
    const resume = resumed && { resume: resumed.checkpoint };
    const result = await trainIntoFolder({ ...job, ...resume }, context.services, progress);
    const baselines = measureBaselines(data);
    await reportOrRemark(job, baselines, context.services, progress);
    const { invocation } = context;
    const finished: Finished = { run, data, config, result, baselines, invocation };
    if (options.json) context.stdout.write(`${JSON.stringify(resultJson(finished), null, 2)}\n`);
    for (const line of resultLines(finished)) progress.line(line);
    return result.reason === "aborted" ? 130 : 0;
  } finally {
    progress.stop();
    device.close();
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
  if (resumed) useKernels(device, resumed.config.kernels);
  else if (options.tune) {
    const { result } = await tuneAndKeep(device, network, { again: false }, context, progress);
    progress.line(tuneLines(result).at(-1) as string);
  }
}

function introduction(config: RunConfig, data: RunData, device: OpenDevice): string {
  const { title } = createModel(config.model);
  const { tile, batch, accumulate, steps } = config.config;
  const batches = accumulate > 1 ? `${accumulate} x ` : "";
  const { adapter, backend } = device.describe();
  const names = data.validation.map(({ name }) => name);
  const held = names.length > 6 ? `${names.slice(0, 6).join(", ")}, ...` : names.join(", ");
  return [
    `${title}; ${steps} steps of ${batches}${batch} tile${accumulate * batch > 1 ? "s" : ""} ` +
      `of ${tile} x ${tile} pixels on ${adapter} (${backend})`,
    `${data.training.length} images to train on, ${names.length} held out: ${held}`,
  ].join("\n");
}

function refuseData(folder: string | undefined, options: TrainOptions): void {
  const given = [
    ...["images", "labels", "validation", "ignore", "instances", "labelThreshold", "labelChannel"],
    ...["pages", "colour", "classNames", "classColours", "output"],
  ].find((key) => options[key as keyof TrainOptions] !== undefined);
  if (folder === undefined && given === undefined) return;
  const what = given === undefined ? `the folder ${folder}` : `--${kebab(given)}`;
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
