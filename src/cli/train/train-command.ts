// `micrograph train`: data, device, run folder, loop, report.

import { imageSize } from "../../data/survey.js";
import { classFieldsOf, splitTask } from "../../data/task.js";
import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import type { Model } from "../../model/model.js";
import {
  createRunFolder,
  type RunConfig,
  readRunFolder,
  refuseExistingRun,
} from "../../node/run-folder.js";
import { flagOf } from "../../options/command-line.js";
import type { RunKind } from "../../train/recipes.js";
import type { ModelConfig, TrainingConfig } from "../../train/training-types.js";
import { openExamined } from "../doctor/doctor-command.js";
import { shellQuote } from "../format.js";
import { networkOf, withOwnModel } from "../options/own-model.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context, OpenDevice } from "../services.js";
import { tuneAndKeep, tuneLines } from "../tune/tune-command.js";
import { endRun, isUnreported } from "./end-run.js";
import { contextFor } from "./region-context.js";
import { reloadData } from "./reload-data.js";
import { resolveRun } from "./resolve-run.js";
import {
  readStart,
  refuseOtherLayers,
  type Start,
  startLines,
  startRecord,
  withClassesOf,
  withIgnoredTold,
  withReadingOf,
} from "./start-from.js";
import {
  checkSampleClasses,
  dataName,
  drawNuclei,
  drawSample,
  loadFolders,
  namesData,
  type RunData,
  runKind,
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

type Resumed = Awaited<ReturnType<typeof readRunFolder>>;

/** Reads a run to be resumed; its network may be the user's, or one of another program. */
async function readResumed(folder: string, own: readonly Architecture[]): Promise<Resumed> {
  const { onnxNetwork } = await import("../../interchange/onnx/onnx-network.js");
  return readRunFolder(folder, { models: [...own, onnxNetwork] });
}

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runTrain(
  folder: string | undefined,
  given: TrainOptions,
  context: Context,
): Promise<number> {
  const { options: typed, models: own } = await withOwnModel(given);
  const resumed = typed.resume === undefined ? undefined : await readResumed(typed.resume, own);
  if (resumed) refuseSettings(folder, typed, resumed);
  const start = typed.from === undefined ? undefined : await readStart(typed.from, own);
  // A network of another program has an architecture that is not built in.
  const models = (start ?? resumed)?.checkpoint.models ?? own;
  const fromFolders = namesData(folder, typed);
  const startOptions = fromFolders ? withReadingOf : withClassesOf;
  const options = start ? startOptions(typed, start) : typed;
  const kind = resumed ? kindOfRun(resumed.config) : runKind(folder, options);
  const before = resolveRun(options, kind, { resumed: resumed?.config, start, models });
  const isDone = resumed && (await isUnreported(resumed, before.training, typed.resume));

  const classes = classFieldsOf(before);
  if (kind === "sample") checkSampleClasses(classes);
  const output = options.json ? context.stderr : context.stdout;
  const progress = createProgress(output);
  const { images, labels } = options;
  const margin = contextFor([before], models);
  const data = resumed
    ? await reloadData(resumed.config, { run: options.resume, moved: { folder, images, labels } })
    : fromFolders
      ? await loadFolders(folder, options, classes, margin).catch((error) => {
          throw start ? withIgnoredTold(error, start, options, typed) : error;
        })
      : kind === "nuclei"
        ? drawNuclei(before.task?.objects?.kind ?? "gap")
        : drawSample(classes);
  for (const remark of data.remarks) progress.line(remark);
  const { channels } = imageSize(data.training[0]);
  const found = withFound(options, data, start);
  if (start) refuseOtherLayers(start, { channels, classes: found.classes ?? classes.classes });
  const resolved = resumed ? before : resolveRun(found, kind, { start, models });
  const { training } = resolved;
  const { classNames, classColours } = data;
  const { objects, ...fields } = { ...resolved.task };
  const { model, task } = splitTask(
    { ...resolved.model, ...fields, channels },
    { classNames, classColours, objects },
  );
  for (const line of start ? startLines(start, options.ignore, typed, { model, task }) : [])
    progress.line(line);

  if (options.output !== undefined) refuseExistingRun(options.output);
  const device = await openExamined(context, progress.line);
  try {
    const call = { context, resumed, start, options };
    await chooseKernels(device, { model: networkOf(model, models), training }, progress, call);
    const run = describeRun(call, data, { model, task, training }, device);
    progress.line(introduction(run, data, device, models));
    const { profile, workers } = options;
    const job = { run, device, data, profile, workers, models };
    const { resume: begun } = options;
    const { place, result } =
      isDone && begun !== undefined
        ? await endRun({ place: begun, run, resume: resumed.checkpoint }, progress)
        : await trainIntoFolder(
            {
              ...job,
              place: begun,
              create: () => create(run, data, options),
              resume: resumed?.checkpoint,
              from: start?.checkpoint,
            },
            context.services,
            progress,
          );
    const baselines = await measureBaselines(data);
    await reportOrRemark({ ...job, place }, baselines, context.services, progress);
    const { invocation } = context;
    const module = own.length > 0 ? given.model : undefined;
    const finished: Finished = { place, run, data, result, baselines, invocation, module };
    if (options.json) context.stdout.write(`${JSON.stringify(resultJson(finished), null, 2)}\n`);
    for (const line of resultLines(finished)) progress.line(line);
    return result.reason === "aborted" ? 130 : 0;
  } finally {
    progress.stop();
    device.close();
  }
}

function kindOfRun({ data }: RunConfig): RunKind {
  return typeof data === "string" ? data : "data";
}

/** The options with the classes of the labels, and those of a checkpoint that has as many. */
function withFound(options: TrainOptions, data: RunData, start: Start | undefined): TrainOptions {
  const found = withFoundClasses(options, data);
  return start ? withClassesOf(found, start) : found;
}

/** What the command was given. */
interface Call {
  readonly context: Context;
  readonly resumed: Resumed | undefined;
  readonly start: Start | undefined;
  readonly options: TrainOptions;
}

/** The entry for `config.json`. */
function describeRun(
  { context, resumed, start, options }: Call,
  data: RunData,
  { model, task, training }: Pick<RunConfig, "model" | "task"> & { training: TrainingConfig },
  device: OpenDevice,
): RunConfig {
  const before = resumed?.config;
  return {
    micrograph: context.version,
    command: ["micrograph", ...context.args].map(shellQuote).join(" "),
    preset: options.preset ?? before?.preset,
    name: options.name ?? before?.name ?? dataName(data.source),
    data: data.source,
    training: data.training.map(({ name }) => name),
    validation: data.validation.map(({ name }) => name),
    digests: data.digests,
    ignore: before ? before.ignore : options.ignore,
    pages: before ? before.pages : options.pages,
    context: data.context,
    labels: data.labels,
    from: before ? before.from : start && startRecord(start),
    adapter: device.describe().adapter,
    kernels: kernelsOf(device),
    model,
    task,
    config: training,
  };
}

/** Creates the folder of a new run, with the held-out images of a sample. */
async function create({ name }: RunConfig, data: RunData, { output }: TrainOptions) {
  const place = await createRunFolder(name, { output });
  if (typeof data.source === "string") await writeHeldOut(place, data.validation);
  return place;
}

/** The kernels of the run: those it began with, else those saved for the adapter. */
async function chooseKernels(
  device: OpenDevice,
  step: { model: ModelConfig | Model; training: TrainingConfig },
  progress: Progress,
  { context, resumed, options }: Call,
): Promise<void> {
  if (resumed) useKernels(device, resumed.config.kernels);
  else if (options.tune) {
    const { result } = await tuneAndKeep(device, step, { again: false }, context, progress);
    progress.line(tuneLines(result).at(-1) as string);
  }
}

function introduction(
  run: RunConfig,
  data: RunData,
  device: OpenDevice,
  models: readonly Architecture[],
): string {
  const { title } = createModel(run.model, models);
  const { tile, batch, accumulate, steps } = run.config;
  const batches = accumulate > 1 ? `${accumulate} x ` : "";
  const { adapter, kind, backend } = device.describe();
  const names = data.validation.map(({ name }) => name);
  const held = names.length > 6 ? `${names.slice(0, 6).join(", ")}, ...` : names.join(", ");
  return [
    `${title}; ${steps} steps of ${batches}${batch} tile${accumulate * batch > 1 ? "s" : ""} ` +
      `of ${tile} x ${tile} pixels on ${adapter} (${backend}${kind === "cpu" ? ", on the processor" : ""})`,
    `${data.training.length} images to train on, ${names.length} held out: ${held}`,
  ].join("\n");
}

/** Throws one line for an option that a resumed run cannot change. */
function refuseSettings(
  folder: string | undefined,
  options: TrainOptions,
  { config }: Resumed,
): void {
  if (options.tune) throw new Error("--tune: a resumed run keeps its kernels; leave it out");
  const fixed = [
    ...(["sample", "validation", "ignore", "instances", "labelThreshold", "labelChannel"] as const),
    ...(["pages", "colour"] as const),
    ...(["classNames", "classColours", "output"] as const),
  ];
  const given = fixed.find((key) => options[key] !== undefined);
  if (given) {
    throw new Error(
      `--resume: the run folder already determines its data and folder; leave out ${flagOf(given)}`,
    );
  }
  if (typeof config.data === "string" && namesData(folder, options)) {
    throw new Error(
      "--resume: the run was trained on the embedded sample and continues with it; to train its " +
        `weights on your data, start a new run: --from ${shellQuote(options.resume as string)}`,
    );
  }
}
