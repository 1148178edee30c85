// A run of `train`: sets everything up, again if the GPU is lost, and closes it afterwards.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import type { Device } from "../gpu/device.js";
import { type Attempt, surviving } from "../gpu/survive.js";
import type { Model, ModelConfig } from "../model/model.js";
import { trainingConfig } from "./config.js";
import { createKept, KEEP_MS, type Kept, onceEach } from "./kept-state.js";
import { checkBestBy } from "./own-metrics.js";
import { modelOf, normalisationOf, prepareData, startFrom } from "./prepare-run.js";
import type { TrainingData, TrainOptions } from "./run-options.js";
import { createSchedule, ownSchedule } from "./schedule.js";
import { isStale } from "./selection.js";
import { createTrainer } from "./step.js";
import { handOver, judge, loop, type Run, type RunBatches } from "./train-loop.js";
import type { Checkpoint, TrainingConfig, TrainingResult } from "./training-types.js";

const OPTIONS: Keys<TrainOptions> = {
  signal: 1,
  resume: 1,
  from: 1,
  task: 1,
  normalisation: 1,
  openBatches: 1,
  submits: 1,
  checkpointEveryMs: 1,
  loss: 1,
  targets: 1,
  groups: 1,
  strict: 1,
  initial: 1,
  rate: 1,
  batches: 1,
  metrics: 1,
  bestBy: 1,
  profile: 1,
  onEvent: 1,
  onCheckpoint: 1,
  onPrediction: 1,
  onPredictions: 1,
  onProfile: 1,
};

/** `train`, of a call at `startedMs` (`performance.now()`). */
export async function runTraining(
  device: Device,
  data: TrainingData,
  given: ModelConfig | Model,
  training: TrainingConfig,
  { startedMs, ...options }: TrainOptions & { readonly startedMs: number },
): Promise<TrainingResult> {
  checkArguments(data, options);
  const config = trainingConfig(training);
  const model = await modelOf(given, options.initial);
  const { task, from, resume, loss } = options;
  if (task) {
    const { checkClasses } = await import("../data/classes.js");
    checkClasses({ ...task, classes: model.config.classes });
  }
  if (model.probabilities && !loss && !model.loss) {
    throw new Error(
      `train: the classes of the ${model.title} do not exclude each other, so that the usual loss is not ` +
        "theirs: give a `loss` of your own",
    );
  }
  if (model.inputs && !options.batches) {
    throw new Error(
      `train: the ${model.title} also reads ${Object.keys(model.inputs).join(", ")}, which images and labels lack: ` +
        "give `batches` of your own that have them as `inputs`",
    );
  }
  if (from && resume) {
    throw new Error(
      "train: got both from and resume, expected one: a resumed run keeps its weights",
    );
  }
  const normalisation = await normalisationOf(options, model.config.channels);
  const start = from && (await startFrom(from, model, config.seed, options.strict));
  const prepared = await prepareData(data, model, config, {
    normalisation,
    objects: (task ?? resume?.metadata.task)?.objects,
    batches: options.batches,
  });
  const { step = 0, share } = resume?.metadata.progress ?? {};
  const schedule = options.rate
    ? ownSchedule(options.rate, config.steps)
    : createSchedule(config, startedMs, step, share);
  const hasValidation = data.validation.length > 0;
  const kept = createKept(device, options);
  const heard = { ...options, onEvent: onceEach(options.onEvent) };
  const parts = { device, model, config, options: heard, normalisation, schedule, startedMs };
  try {
    return await surviving(
      device,
      (attempt) => trainOnce({ ...parts, start, prepared, hasValidation, kept }, attempt),
      options.signal,
    );
  } catch (error) {
    await kept.handOver();
    throw error;
  }
}

interface TrainingRun
  extends Pick<Run, "device" | "config" | "options" | "normalisation" | "schedule" | "startedMs"> {
  readonly model: Model;
  /** The weights of a run that begins with those of a checkpoint. */
  readonly start: Awaited<ReturnType<typeof startFrom>> | undefined;
  readonly prepared: Awaited<ReturnType<typeof prepareData>>;
  readonly hasValidation: boolean;
  readonly kept: Kept;
}

/** Trains to the end, from the state that is kept if there is one. */
async function trainOnce(
  { model, start, prepared, hasValidation, kept, ...parts }: TrainingRun,
  { loss: lost, progressed }: Attempt,
): Promise<TrainingResult> {
  const { device, config, normalisation, startedMs } = parts;
  const options = kept.continued(parts.options);
  const { resume, onEvent, loss, targets, groups } = options;
  const { furtherInputsOf, percentilesOf, predictorOf } = await import(
    "../predict/open-predictor.js"
  );
  const trainer = await createTrainer(device, model, { ...config, loss, targets, groups });
  const predictor = predictorOf(device, model, trainer.weights, {
    normalisation,
    percentiles: await percentilesOf(normalisation),
    further: await furtherInputsOf(model),
  });
  let batches: RunBatches | undefined;
  try {
    const { best, step = 0 } = resume?.metadata.progress ?? {};
    if (start && !resume) {
      trainer.parameters.write(start.values);
      if (trainer.weights !== trainer.parameters) trainer.weights.write(start.values);
    }
    if (resume) trainer.restore(resume.tensors, step);
    if (lost) {
      const { adapter } = device.describe();
      await onEvent?.({ type: "lost", message: lost.message, step, adapter });
    }
    await onEvent?.({
      type: "start",
      parameterCount: model.parameters.count,
      pipelines: trainer.plan.pipelineCount,
      dispatches: trainer.plan.dispatchCount,
      planBytes: trainer.totalBytes,
      step: trainer.stepCount,
      readyMs: performance.now() - startedMs,
      ...(start && { newLayers: start.newLayers }),
      ...(start?.partial && { partial: start.partial }),
    });
    const handed = { atMs: performance.now(), tookMs: 0 };
    const run: Run = {
      ...parts,
      options,
      model,
      trainer,
      firstStep: trainer.stepCount,
      best,
      handed,
      keep(checkpoint, isHanded) {
        kept.keep(checkpoint, isHanded);
        progressed();
      },
      keepsEveryMs: device.isRenewable ? KEEP_MS : Infinity,
      // Only a run that lost its GPU after its last validation can be at its end already.
      isOver: resume !== parts.options.resume && isStale(config, step, best),
      chosen: chosenBefore(resume),
    };
    batches = await prepared.open(options.openBatches, trainer.batchCount);
    const result = await loop(run, batches, async () => {
      await trainer.verify();
      const isBest =
        hasValidation && (await judge(run, (each) => prepared.validate(predictor, each)));
      await handOver(run, isBest ? ["best", "last"] : ["last"]);
    });
    await onEvent?.({ type: "end", result });
    return result;
  } finally {
    batches?.close();
    predictor.close();
    trainer.close();
  }
}

/** How a run that is resumed separated cells at its last validation. */
function chosenBefore(resume: Checkpoint | undefined): Run["chosen"] {
  const { separation, threshold } = resume?.metadata.task?.objects ?? {};
  return separation === undefined ? undefined : { separation, threshold };
}

function checkArguments(data: TrainingData, options: TrainOptions): void {
  checkKeys("train", options, OPTIONS);
  const { strict, from, bestBy, metrics, targets, batches } = options;
  if (strict === false && !from) throw new Error("train: strict is for a run with from");
  if (bestBy) checkBestBy(bestBy, metrics);
  if (targets && !batches) {
    throw new Error("train: the batches of images and labels have no targets: give batches too");
  }
  for (const name of ["training", "validation"] as const) {
    if (Array.isArray(data?.[name])) continue;
    throw new Error(
      `train: the data must have lists training and validation, got ${kindOf(data?.[name])} for ${name}`,
    );
  }
}
