// A run of `train`: sets everything up and closes it afterwards.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import type { Normalisation } from "../data/normalise.js";
import type { ObjectTask } from "../data/task.js";
import type { Device } from "../gpu/device.js";
import { loadModel } from "../model/load-model.js";
import type { Model, ModelConfig } from "../model/model.js";
import { layerOf } from "../model/parameters.js";
import type { OpenBatches } from "./batches.js";
import { trainingConfig } from "./config.js";
import { checkBestBy } from "./own-metrics.js";
import type { TrainingData, TrainOptions } from "./run-options.js";
import { createSchedule, ownSchedule } from "./schedule.js";
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
  const { task, from, resume, onEvent, loss, targets } = options;
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
  const { predictorOf } = await import("../predict/open-predictor.js");
  const trainer = await createTrainer(device, model, { ...config, loss, targets });
  const predictor = predictorOf(device, model, trainer.weights, { normalisation });
  let batches: RunBatches | undefined;
  try {
    const { best, step = 0, share } = resume?.metadata.progress ?? {};
    if (start) {
      trainer.parameters.write(start.values);
      if (trainer.weights !== trainer.parameters) trainer.weights.write(start.values);
    }
    if (resume) trainer.restore(resume.tensors, step);
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
    const schedule = options.rate
      ? ownSchedule(options.rate, config.steps)
      : createSchedule(config, startedMs, trainer.stepCount, share);
    const handed = { atMs: performance.now(), tookMs: 0 };
    const run: Run = {
      device,
      config,
      trainer,
      schedule,
      options,
      startedMs,
      best,
      handed,
      normalisation,
      chosen: chosenBefore(resume),
    };
    batches = await prepared.open(options.openBatches, trainer.batchCount);
    const hasValidation = data.validation.length > 0;
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

interface Preparation extends Pick<TrainOptions, "batches"> {
  readonly normalisation: Normalisation;
  readonly objects: ObjectTask | undefined;
}

/** Loads what is apart from the core of a page: weight maps, augmentation and figures of the data. */
async function prepareData(
  data: TrainingData,
  model: Model,
  config: TrainingConfig,
  { normalisation, objects, batches }: Preparation,
) {
  const { createValidator } = await import("./validate.js");
  if (batches) {
    const { ownBatches } = await import("./own-batches.js");
    const balance = Array.from({ length: model.config.classes }, () => 1);
    return {
      validate: createValidator(data.validation, balance, config, objects),
      open: async (_open: OpenBatches | undefined, first: number) => ownBatches(batches, first),
    };
  }
  const { prepareSampleFiles, readSample, cutBatches } = await import("./batches.js");
  const { classWeights, w0, sigma, tile, tileStride: stride, augmentation, seed } = config;
  const output = model.outputSize(tile);
  const samples = data.training;
  const weights = { classWeights, w0, sigma };
  const prepared = await prepareSampleFiles({ samples, output, stride, ...weights, normalisation });
  return {
    validate: createValidator(data.validation, prepared.balance, config, objects),
    open: async (open: OpenBatches = cutBatches, first: number) =>
      open({
        prepared,
        read: ({ given }) => readSample(samples[given]),
        tiles: { input: tile, output, augmentation, seed },
        size: config.batch,
        first,
        end: config.steps * config.accumulate,
      }),
  };
}

/** Default runs do not load the checks of other normalisations. */
async function normalisationOf(options: TrainOptions, channels: number): Promise<Normalisation> {
  const { resume, from, normalisation: given } = options;
  const known = (resume ?? from)?.metadata.normalisation ?? { kind: "image" };
  if (!given && known.kind === "image") return known;
  const { chooseNormalisation } = await import("./choose-normalisation.js");
  return chooseNormalisation(given, known, { channels, isResumed: resume !== undefined });
}

/** Runs from random weights do not load fine-tuning. */
async function startFrom(checkpoint: Checkpoint, model: Model, seed: number, strict = true) {
  if (!strict) {
    const { partialWeights } = await import("./partial-weights.js");
    const { values, partial } = partialWeights(model, checkpoint, seed);
    const newLayers = [...new Set(partial.missing.map(layerOf))];
    return { values, newLayers, partial };
  }
  const { startingWeights } = await import("./fine-tune.js");
  return { ...(await startingWeights(model, checkpoint, seed)), partial: undefined };
}

/** The model, with the initial values of the caller. */
async function modelOf(
  given: ModelConfig | Model,
  initial: TrainOptions["initial"],
): Promise<Model> {
  const model = await loadModel(given);
  if (initial === undefined) return model;
  const { withInitialValues } = await import("../model/own-initial-values.js");
  return withInitialValues(model, initial);
}
