// The steps of a run: batches, losses, validations, checkpoints, the end.

import type { Normalisation } from "../data/normalise.js";
import type { ObjectTask } from "../data/task.js";
import type { Device } from "../gpu/device.js";
import type { ClassFigures } from "../metrics/pixels.js";
import type { Model } from "../model/model.js";
import type { Warnings } from "./health.js";
import { KEEP_SHARE } from "./kept-state.js";
import { isBetterBy, metricSums } from "./own-metrics.js";
import { createProgress } from "./progress.js";
import type { TrainOptions } from "./run-options.js";
import type { Schedule } from "./schedule.js";
import { isBetter, isStale } from "./selection.js";
import type { Trainer } from "./step.js";
import type {
  Checkpoint,
  OwnBatch,
  SamplePrediction,
  TrainingConfig,
  TrainingResult,
} from "./training-types.js";
import type { OnPrediction, Validation } from "./validate.js";

/** The state of one run. */
export interface Run {
  readonly device: Device;
  readonly config: TrainingConfig;
  readonly trainer: Trainer;
  readonly schedule: Schedule;
  readonly options: TrainOptions;
  readonly startedMs: number;
  readonly normalisation: Normalisation;
  /** The steps that were done before. */
  readonly firstStep: number;
  best: TrainingResult["best"];
  /** Of a task of single cells: how they were best separated at the last validation. */
  chosen?: Pick<ObjectTask, "separation" | "threshold"> | undefined;
  /** When checkpoints were last passed to the caller, and how long that took. */
  handed: Taken;
  /** When the state was last read from the GPU without being passed on. */
  read?: Taken;
  readonly model: Model;
  /** What there is to say about the validations so far. */
  warnings?: Warnings;
  /** Keeps the state in host memory; `isHanded`: the caller has it. */
  keep(checkpoint: Checkpoint, isHanded: boolean): void;
  /** Milliseconds after which the state is read again. */
  readonly keepsEveryMs: number;
  /** Whether no step is left to do. */
  readonly isOver: boolean;
}

/** When something was done last, and how long it took. */
interface Taken {
  readonly atMs: number;
  readonly tookMs: number;
}

/** The batches of a run; undefined after the last one of the caller's. */
export interface RunBatches {
  next(number: number): OwnBatch | undefined | Promise<OwnBatch | undefined>;
  close(): void;
}

/** Trains until the run is over. `validate` also passes the checkpoints on. */
export async function loop(
  run: Run,
  batches: RunBatches,
  validate: () => Promise<void>,
): Promise<TrainingResult> {
  const { config, trainer, options, device } = run;
  const progress = createProgress(run);
  const runBatch = await batchRunner(run);
  const firstStep = trainer.stepCount;
  let validateMs = 0;
  let reason: TrainingResult["reason"] | undefined = run.isOver ? "patience" : undefined;
  let inFlight: Promise<unknown> = Promise.resolve();
  // Overlap batch and step: cut the next batch while the GPU works on this one.
  const next = async () => {
    if (trainer.stepCount >= config.steps) return undefined;
    const asked = performance.now();
    const batch = await batches.next(trainer.batchCount);
    progress.waited(performance.now() - asked);
    return batch;
  };
  /** Between two steps of the run: validates, or saves, when it is due. Returns why the run ends, if so. */
  const pause = async (done: number): Promise<"patience" | undefined> => {
    if (done % config.validateEvery === 0) {
      await progress.report();
      const before = performance.now();
      await validate();
      validateMs = performance.now() - before;
      progress.resume();
      if (isStale(config, done, run.best)) return "patience";
    } else if (isHandOverDue(run)) {
      await progress.report();
      await handOver(run, ["last"]);
      progress.resume();
    } else if (isKeepDue(run)) {
      await progress.report();
      await keep(run);
      progress.resume();
    }
    return undefined;
  };
  let batch = await next();
  while (batch && !reason) {
    await runBatch(batch, run.schedule.rate(trainer.stepCount, validateMs));
    const done = trainer.stepCount;
    const submitted = device.gpu.queue.onSubmittedWorkDone();
    submitted.catch(() => {}); // what it says of a loss is said by whoever waits next
    batch = await next();
    const isStep = trainer.batchCount % config.accumulate === 0;
    if (isStep && progress.isDue(done)) await progress.report();
    else await device.wait(inFlight); // at most two batches wait for the GPU
    inFlight = submitted;
    if (!isStep) continue;
    // The validation at the end must also fit into the budget.
    const spentMs = performance.now() - run.startedMs + validateMs;
    if (options.signal?.aborted) reason = "aborted";
    else if (batch && spentMs > (config.maxMinutes ?? Infinity) * 60_000) reason = "time";
    else if (batch) reason = await pause(done);
    if (batch && !reason && done === firstStep + 1) {
      await device.wait(inFlight);
      progress.restart();
    }
  }
  await progress.report();
  // Saved first, in case the caller does not wait for what follows.
  if (reason === "aborted") await handOver(run, ["last"]);
  // A resumed run starts after this step, so it would skip a validation that is due now, and
  // perhaps the best checkpoint.
  const isDue = trainer.stepCount % config.validateEvery === 0;
  if (reason === "aborted" ? isDue : reason !== "patience") await validate();
  const elapsedMs = performance.now() - run.startedMs;
  const scaling = await trainer.lossScale();
  const skipped = scaling && { skippedSteps: scaling.skippedSteps };
  const { best } = run;
  return { steps: trainer.stepCount, reason: reason ?? "steps", best, elapsedMs, ...skipped };
}

/** Runs one batch of a step: profiled when that is due, in several submits, or in one. */
async function batchRunner({ device, trainer, config, options }: Run) {
  const { submits = 1 } = options;
  const { createStepProfiler } = options.profile ? await import("./profile-steps.js") : {};
  const profiler = createStepProfiler?.(device, trainer, config);
  return async (batch: OwnBatch, learningRate: number): Promise<void> => {
    if (profiler?.isDue(trainer.stepCount)) {
      const profile = await profiler.step(batch, learningRate);
      if (profile) await options.onProfile?.(profile);
    } else if (submits > 1) await trainer.stepInParts(submits, batch, learningRate);
    else trainer.step(batch, learningRate);
  };
}

/** Validates and reports the figures; returns whether they are the best so far. */
export async function judge(
  run: Run,
  validate: (onPrediction: OnPrediction) => Promise<Validation>,
): Promise<boolean> {
  const { onPrediction, onPredictions, metrics, bestBy } = run.options;
  const step = run.trainer.stepCount;
  const predictions: SamplePrediction[] = [];
  const sums = metrics && metricSums(metrics);
  const { images, classes, ...found } = await validate(async (prediction, index) => {
    if (onPredictions) predictions.push(prediction);
    await sums?.add(prediction);
    await onPrediction?.(step, prediction, index);
  });
  const figures = { ...found, ...(sums && { metrics: sums.means() }) };
  const isBest = bestBy
    ? isBetterBy(bestBy, figures, run.best)
    : isBetter(run.config.best, figures, run.best);
  if (isBest) run.best = { step, ...figures };
  const { separation, cellThreshold: threshold } = figures;
  if (separation !== undefined) run.chosen = { separation, threshold };
  await run.options.onEvent?.({
    type: "validation",
    step,
    best: isBest,
    images,
    classes,
    ...figures,
  });
  await onPredictions?.(step, predictions);
  await reportHealth(run, classes);
  return isBest;
}

/** Reports gradients and predictions that have gone wrong. */
async function reportHealth(run: Run, classes: readonly ClassFigures[]): Promise<void> {
  const { options, trainer, model } = run;
  // The gradients are those of the last batch.
  if (!options.onEvent || trainer.stepCount === run.firstStep) return;
  const { createWarnings, healthOf } = await import("./health.js");
  const task = options.task ?? options.resume?.metadata.task;
  run.warnings ??= createWarnings({ classes: model.config.classes, ...task });
  const health = healthOf(model, await trainer.gradients.read());
  const warnings = run.warnings(health, classes);
  await options.onEvent({ type: "health", step: trainer.stepCount, ...health, warnings });
}

/** Passes the checkpoints to the caller, in this order, with one read of the GPU. */
export async function handOver(run: Run, kinds: readonly ("best" | "last")[]): Promise<void> {
  const { onCheckpoint } = run.options;
  if (!onCheckpoint) return keep(run);
  const startMs = performance.now();
  const { tensors, metadata } = await checkpointOf(run);
  // Only the last checkpoint can be resumed: the best one does not need the optimizer's state.
  const weights = new Map([...tensors].filter(([name]) => !name.startsWith("optimizer.")));
  for (const kind of kinds) {
    await onCheckpoint(kind, { tensors: kind === "best" ? weights : tensors, metadata });
  }
  const atMs = performance.now();
  run.handed = { atMs, tookMs: atMs - startMs };
  run.keep({ tensors, metadata }, true);
}

/** Keeps the state in host memory, if it can be of use. */
async function keep(run: Run): Promise<void> {
  if (run.keepsEveryMs === Infinity) return;
  const startMs = performance.now();
  run.keep(await checkpointOf(run), false);
  const atMs = performance.now();
  run.read = { atMs, tookMs: atMs - startMs };
}

/** Reads the state. Throws if it is not finite. */
async function checkpointOf(run: Run): Promise<Checkpoint> {
  const { options, trainer, config, best, schedule, normalisation } = run;
  const { tensors, metadata: described } = await trainer.checkpoint();
  // Other schedules depend only on the step. Checkpoints contain no times unless needed.
  const share = config.schedule === "cosine-time" ? { share: schedule.share } : {};
  const progress = { step: trainer.stepCount, best, ...share };
  const given = options.task ?? options.resume?.metadata.task;
  const objects = run.chosen && ({ ...given?.objects, ...run.chosen } as ObjectTask);
  const task = objects ? { ...given, objects } : given;
  const known = { ...described, ...(task && { task }), normalisation };
  return { tensors, metadata: { ...known, training: config, progress } };
}

/** Whether the run would lose more than its caller accepts if it ended here. */
function isHandOverDue({ options: { checkpointEveryMs = Infinity }, handed }: Run): boolean {
  return performance.now() - handed.atMs >= Math.max(checkpointEveryMs, 9 * handed.tookMs);
}

/** Whether the run would do too many steps again if the GPU were lost here. */
function isKeepDue({ keepsEveryMs, handed, read }: Run): boolean {
  const { atMs, tookMs } = read ?? { atMs: 0, tookMs: 0 };
  const sinceMs = performance.now() - Math.max(atMs, handed.atMs);
  return sinceMs >= Math.max(keepsEveryMs, tookMs / KEEP_SHARE);
}
