// The training loop: batches, steps, losses, validations, checkpoints, the end.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import type { Sample } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { SampleFile } from "../data/survey.js";
import type { Task } from "../data/task.js";
import type { Device } from "../gpu/device.js";
import { loadModel } from "../model/load-model.js";
import type { Model, ModelConfig } from "../model/model.js";
import type { Batches, OpenBatches } from "./batches.js";
import { trainingConfig } from "./config.js";
import { createProgress } from "./progress.js";
import { createSchedule, type Schedule } from "./schedule.js";
import { isBetter, isStale } from "./selection.js";
import { createTrainer, type Trainer } from "./step.js";
import type {
  Checkpoint,
  SamplePrediction,
  TrainingConfig,
  TrainingListener,
  TrainingResult,
} from "./training-types.js";
import type { OnPrediction, Validation } from "./validate.js";

/** Samples in memory, and such as are read from their files when their turn comes. */
export interface TrainingData {
  readonly training: readonly (Sample | SampleFile)[];
  /** Held-out images; without any there are no validations and no best checkpoint. */
  readonly validation: readonly (Sample | SampleFile)[];
}

export interface TrainOptions extends TrainingListener {
  /** When it aborts, the loop ends after the step in flight and hands over the last checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** The last checkpoint of a run to go on with: model and training are that run's. */
  readonly resume?: Checkpoint | undefined;
  /**
   * A checkpoint whose weights the run starts from (fine-tune.ts), a best one too. The run is a new
   * one: step 0, a fresh optimiser. The model has the checkpoint's architecture, base and depth; other
   * classes or channels get new last or first layers, named in the event "start".
   */
  readonly from?: Checkpoint | undefined;
  /**
   * How images are normalised, in training and by the checkpoint: as `resume` or `from` say, else each image
   * by its own mean and deviation.
   */
  readonly normalisation?: Normalisation | undefined;
  /** What the classes mean, for the checkpoints. */
  readonly task?: Task | undefined;
  /** Cuts the batches: on the thread of the loop when left out (`batchWorkers` in Node). */
  readonly openBatches?: OpenBatches | undefined;
  /**
   * Submits of a batch, by default one. With more, a page whose GPU trains draws between them: it waits
   * for one part of a step at most. Weights and losses are the same to the bit.
   */
  readonly submits?: number | undefined;
  /**
   * Milliseconds of training after which the last checkpoint is handed over between two validations as
   * well, by default never. Where handing over takes long, it is done less often: at most a tenth of
   * the time goes into it.
   */
  readonly checkpointEveryMs?: number | undefined;
  /**
   * Times ten steps after the first ten, dispatch by dispatch, and hands the result to `onProfile`.
   * They are slower; weights and losses are the same to the bit.
   */
  readonly profile?: boolean | undefined;
}

const OPTIONS: Keys<TrainOptions> = {
  signal: 1,
  resume: 1,
  from: 1,
  task: 1,
  normalisation: 1,
  openBatches: 1,
  submits: 1,
  checkpointEveryMs: 1,
  profile: 1,
  onEvent: 1,
  onCheckpoint: 1,
  onPrediction: 1,
  onPredictions: 1,
  onProfile: 1,
};

/**
 * Trains a network on images with labels. Runs with one seed on one adapter give the same weights to
 * the bit, also when they were stopped and resumed. Throws where the data, the configuration or the
 * checkpoint do not fit, and when training diverges.
 */
export async function train(
  device: Device,
  data: TrainingData,
  given: ModelConfig | Model,
  training: TrainingConfig,
  options: TrainOptions = {},
): Promise<TrainingResult> {
  const startedMs = performance.now();
  checkKeys("train", options, OPTIONS);
  for (const name of ["training", "validation"] as const) {
    if (Array.isArray(data?.[name])) continue;
    throw new Error(
      `train: the data has lists training and validation, got ${kindOf(data?.[name])} for ${name}`,
    );
  }
  const config = trainingConfig(training);
  const model = await loadModel(given);
  const { task } = options;
  if (task) {
    const { checkClasses } = await import("../data/classes.js");
    checkClasses({ ...task, classes: model.config.classes });
  }
  if (options.from && options.resume) {
    throw new Error("train: got both from and resume, expected one: a resumed run has its weights");
  }
  const normalisation = await normalisationOf(options, model.config.channels);
  const start = options.from && (await startFrom(options.from, model, config.seed));
  // Apart from the core of a page: weight maps, augmentation and figures of the data.
  const { prepareSampleFiles, readSample, cutBatches } = await import("./batches.js");
  const { createValidator } = await import("./validate.js");
  const { predictorOf } = await import("../predict/open-predictor.js");
  const output = model.outputSize(config.tile);
  const { classWeights, w0, sigma, tileStride: stride } = config;
  const samples = data.training;
  const prepared = await prepareSampleFiles({
    samples,
    output,
    stride,
    classWeights,
    w0,
    sigma,
    normalisation,
  });
  const trainer = await createTrainer(device, model, config);
  const predictor = predictorOf(device, model, trainer.weights, { normalisation });
  const validate = createValidator(data.validation, prepared.balance, config);
  let batches: Batches | undefined;
  try {
    const best = options.resume?.metadata.progress?.best;
    if (start) {
      trainer.parameters.write(start.values);
      if (trainer.weights !== trainer.parameters) trainer.weights.write(start.values);
    }
    if (options.resume) {
      trainer.restore(options.resume.tensors, options.resume.metadata.progress?.step ?? 0);
    }
    await options.onEvent?.({
      type: "start",
      parameterCount: model.parameters.count,
      pipelines: trainer.plan.pipelineCount,
      dispatches: trainer.plan.dispatchCount,
      planBytes: trainer.totalBytes,
      step: trainer.stepCount,
      readyMs: performance.now() - startedMs,
      ...(start ? { newLayers: start.newLayers } : {}),
    });
    const share = options.resume?.metadata.progress?.share;
    const schedule = createSchedule(config, startedMs, trainer.stepCount, share);
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
    };
    const { augmentation, seed } = config;
    batches = (options.openBatches ?? cutBatches)({
      prepared,
      read: ({ given }) => readSample(samples[given]),
      tiles: { input: config.tile, output, augmentation, seed },
      size: config.batch,
      first: trainer.batchCount,
      end: config.steps * config.accumulate,
    });
    const hasValidation = data.validation.length > 0;
    const result = await loop(run, batches, async () => {
      await trainer.verify();
      const isBest = hasValidation && (await judge(run, (each) => validate(predictor, each)));
      await handOver(run, isBest ? ["best", "last"] : ["last"]);
    });
    await options.onEvent?.({ type: "end", result });
    return result;
  } finally {
    batches?.close();
    predictor.close();
    trainer.close();
  }
}

/** Runs of the usual kind do not load what checks others. */
async function normalisationOf(options: TrainOptions, channels: number): Promise<Normalisation> {
  const { resume, from, normalisation: given } = options;
  const known = (resume ?? from)?.metadata.normalisation ?? { kind: "image" };
  if (!given && known.kind === "image") return known;
  const { chooseNormalisation } = await import("./choose-normalisation.js");
  return chooseNormalisation(given, known, { channels, isResumed: resume !== undefined });
}

/** Pages whose runs start from random weights do not load what others need. */
async function startFrom(checkpoint: Checkpoint, model: Model, seed: number) {
  const { startingWeights } = await import("./fine-tune.js");
  return startingWeights(model, checkpoint, seed);
}

/** What one run holds. */
interface Run {
  readonly device: Device;
  readonly config: TrainingConfig;
  readonly trainer: Trainer;
  readonly schedule: Schedule;
  readonly options: TrainOptions;
  readonly startedMs: number;
  readonly normalisation: Normalisation;
  best: TrainingResult["best"];
  /** When checkpoints were handed over last, and how long it took. */
  handed: { readonly atMs: number; readonly tookMs: number };
}

async function loop(
  run: Run,
  batches: Batches,
  validate: () => Promise<void>,
): Promise<TrainingResult> {
  const { config, trainer, options, device } = run;
  const { submits = 1 } = options;
  const progress = createProgress(run);
  const firstStep = trainer.stepCount;
  let validateMs = 0;
  let reason: TrainingResult["reason"] = "steps";
  let inFlight: Promise<unknown> = Promise.resolve();
  const { createStepProfiler } = options.profile ? await import("./profile-steps.js") : {};
  const profiler = createStepProfiler?.(device, trainer, config);
  // Batch and step overlap: the next batch is cut while the GPU works on this one.
  const next = async () => {
    if (trainer.stepCount >= config.steps) return undefined;
    const asked = performance.now();
    const batch = await batches.next(trainer.batchCount);
    progress.waited(performance.now() - asked);
    return batch;
  };
  let batch = await next();
  while (batch) {
    const learningRate = run.schedule.rate(trainer.stepCount, validateMs);
    if (profiler?.isDue(trainer.stepCount)) {
      const profile = await profiler.step(batch, learningRate);
      if (profile) await options.onProfile?.(profile);
    } else if (submits > 1) await trainer.stepInParts(submits, batch, learningRate);
    else trainer.step(batch, learningRate);
    const done = trainer.stepCount;
    const submitted = device.gpu.queue.onSubmittedWorkDone();
    batch = await next();
    const isStep = trainer.batchCount % config.accumulate === 0;
    if (isStep && progress.isDue(done)) await progress.report();
    else await device.wait(inFlight); // at most two batches wait on the GPU
    inFlight = submitted;
    if (!isStep) continue;
    if (options.signal?.aborted) {
      reason = "aborted";
      break;
    }
    // The validation at the end has to fit into the budget too.
    const spentMs = performance.now() - run.startedMs + validateMs;
    if (batch && config.maxMinutes !== undefined && spentMs > config.maxMinutes * 60_000) {
      reason = "time";
      break;
    }
    if (batch && done % config.validateEvery === 0) {
      await progress.report();
      const before = performance.now();
      await validate();
      validateMs = performance.now() - before;
      progress.resume();
      if (isStale(config, done, run.best)) {
        reason = "patience";
        break;
      }
    } else if (batch && isHandOverDue(run)) {
      await progress.report();
      await handOver(run, ["last"]);
      progress.resume();
    }
    if (batch && done === firstStep + 1) {
      await device.wait(inFlight);
      progress.restart();
    }
  }
  await progress.report();
  // Saved first, in case the caller does not wait for what follows.
  if (reason === "aborted") await handOver(run, ["last"]);
  // The run that goes on starts behind this step: a validation that is due would be left out, and
  // with it perhaps the best checkpoint.
  const isDue = trainer.stepCount % config.validateEvery === 0;
  if (reason === "aborted" ? isDue : reason !== "patience") await validate();
  const elapsedMs = performance.now() - run.startedMs;
  const scaling = await trainer.lossScale();
  const skipped = scaling && { skippedSteps: scaling.skippedSteps };
  return { steps: trainer.stepCount, reason, best: run.best, elapsedMs, ...skipped };
}

/** Validates and tells the figures; returns whether they are the best so far. */
async function judge(
  run: Run,
  validate: (onPrediction: OnPrediction) => Promise<Validation>,
): Promise<boolean> {
  const { onPrediction, onPredictions } = run.options;
  const step = run.trainer.stepCount;
  const predictions: SamplePrediction[] = [];
  const { images, classes, ...figures } = await validate(async (prediction, index) => {
    if (onPredictions) predictions.push(prediction);
    await onPrediction?.(step, prediction, index);
  });
  const isBest = isBetter(run.config.best, figures, run.best);
  if (isBest) run.best = { step, ...figures };
  await run.options.onEvent?.({
    type: "validation",
    step,
    best: isBest,
    images,
    classes,
    ...figures,
  });
  await onPredictions?.(step, predictions);
  return isBest;
}

/** Hands the checkpoints over, in this order, from one read of the GPU. */
async function handOver(run: Run, kinds: readonly ("best" | "last")[]): Promise<void> {
  const { options, trainer, config, best, schedule, normalisation } = run;
  if (!options.onCheckpoint) return;
  const startMs = performance.now();
  const { tensors, metadata: described } = await trainer.checkpoint();
  // Other schedules follow from the step, and no time stands in a checkpoint without need.
  const share = config.schedule === "cosine-time" ? { share: schedule.share } : {};
  const progress = { step: trainer.stepCount, best, ...share };
  const task = options.task ?? options.resume?.metadata.task;
  const metadata = {
    ...described,
    ...(task && { task }),
    normalisation,
    training: config,
    progress,
  };
  // Only the last checkpoint is gone on with: the best one needs no state of the optimiser.
  const weights = new Map([...tensors].filter(([name]) => !name.startsWith("optimizer.")));
  for (const kind of kinds) {
    await options.onCheckpoint(kind, { tensors: kind === "best" ? weights : tensors, metadata });
  }
  const atMs = performance.now();
  run.handed = { atMs, tookMs: atMs - startMs };
}

/** Whether a run that ended here would lose more than its caller is ready to lose. */
function isHandOverDue({ options: { checkpointEveryMs = Infinity }, handed }: Run): boolean {
  return performance.now() - handed.atMs >= Math.max(checkpointEveryMs, 9 * handed.tookMs);
}
