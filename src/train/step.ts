// One training step as a replay: forward, loss, backward and update in one submit. The trainer owns
// the plan and the states (parameters, gradients, moments).

import type { Batch } from "../data/tiles.js";
import type { Device } from "../gpu/device.js";
import type { Search } from "../gpu/fitting.js";
import { compilePlan, plannedBytes } from "../gpu/plan.js";
import type { Plan } from "../gpu/plan-run.js";
import type { Inputs } from "../gpu/plan-spec.js";
import { type Abortable, orAborted } from "../gpu/slices.js";
import { checkStateSize, createState, type State } from "../gpu/state.js";
import type { RunTimes } from "../gpu/timing.js";
import { withProposals } from "../gpu/with-proposals.js";
import { loadModel } from "../model/load-model.js";
import type { Model, ModelConfig } from "../model/model.js";
import { initialValues } from "../model/parameters.js";
import { checkBatch } from "./check-batch.js";
import { createLossHistory, type StepFigures } from "./loss-history.js";
import { ADAM_BETA2, checkTrainerOptions, stateFloats, stepSpec } from "./step-graph.js";
import type { StepParts } from "./step-parts.js";
import { storedStates } from "./stored-states.js";
import { AVERAGE, type LossScale, SCALING, type TrainerOptions } from "./trainer-states.js";
import type { Checkpoint, CheckpointTensor, OwnBatch, StepLoss } from "./training-types.js";
import { createWatch } from "./watch.js";

export type { StepFigures } from "./loss-history.js";
export type { LossScale, TrainerOptions } from "./trainer-states.js";

/** A network in training, on the GPU. */
export interface Trainer {
  /** The plan of a step. */
  readonly plan: Plan;
  /** The flat parameters. */
  readonly parameters: State;
  /** The flat gradients of the last batch, of the trained parameters. */
  readonly gradients: State;
  /** The flat weights to predict with: the parameters or, with `ema`, their moving average. */
  readonly weights: State;
  /** The number of steps done. */
  readonly stepCount: number;
  /**
   * The number of batches of these steps and of the current one: `accumulate` of them make a step.
   */
  readonly batchCount: number;
  /** Bytes on the GPU: states and plan. */
  readonly totalBytes: number;
  /**
   * Submits one step and returns immediately. `learningRate` overrides the configured one. With
   * `accumulate` each call takes one batch of the step, and the last of them, with its learning
   * rate, updates the weights; reads and checkpoints before that see the state after the previous
   * step. Throws for an image or a weight that is not finite, and for a label that is not a class
   * where the weight is above 0. Also throws within 20 steps after weights became NaN or infinite.
   */
  step(batch: Batch | OwnBatch, learningRate?: number): void;
  /**
   * The same step, bit for bit, in several submits (`Plan.runInParts`). Resolves when it is done.
   */
  stepInParts(submits: number, batch: Batch | OwnBatch, learningRate?: number): Promise<void>;
  /** The same step, bit for bit, with the time of each dispatch. Resolves when it is done. */
  stepTimed(batch: Batch | OwnBatch, learningRate?: number): Promise<RunTimes>;
  /**
   * Returns the losses and learning rates of the steps done that no earlier call returned, oldest
   * first. The GPU keeps the last 64 steps: if some are lost, this throws once and names them, and
   * the next call returns the rest. Waits for the GPU.
   */
  losses(): Promise<StepFigures[]>;
  /** Returns the loss scale after the steps done; undefined in 32 bits. Waits for the GPU. */
  lossScale(): Promise<LossScale | undefined>;
  /** Returns the weights under their names and the optimizer's state under `optimizer.*`. */
  tensors(): Promise<Map<string, CheckpointTensor>>;
  /**
   * Throws if the weights or the optimizer's state contain NaN or infinity after the steps done.
   * Steps check this every 16 steps. Waits for the GPU.
   */
  verify(): Promise<void>;
  /** Returns the tensors with what a predictor and a resumed run need. Verifies them first. */
  checkpoint(): Promise<Checkpoint>;
  /** Continues from the tensors and step count of another trainer. Throws if they do not fit. */
  restore(tensors: ReadonlyMap<string, CheckpointTensor>, stepCount: number): void;
  /** Releases everything on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Prepares a model for training on tiles of one size. The initial weights come from the seed. If
 * the signal aborts, rejects with its reason and releases everything.
 */
export async function createTrainer(
  device: Device,
  network: ModelConfig | Model,
  given: TrainerOptions & StepLoss & Abortable,
): Promise<Trainer> {
  const { signal, loss, targets, groups, ...options } = given ?? {};
  const own = { loss, targets, groups };
  checkTrainerOptions("createTrainer", options);
  const model = await orAborted(loadModel(network), signal);
  const states: Record<string, State> = {};
  let plan: Plan | undefined;
  const close = () => {
    plan?.close();
    for (const state of Object.values(states)) state.close();
  };
  try {
    const parts = await orAborted(loadParts(model, options, own), signal);
    for (const [name, floats] of Object.entries(stateFloats(model, options, parts))) {
      states[name] = createState(device, name, floats);
    }
    const initial = initialValues(model.parameters, options.seed);
    states.parameters.write(initial);
    states[AVERAGE]?.write(initial);
    if (parts.half) states[SCALING].write(parts.half.initialScaling);
    const buffers = Object.entries(states).map(([name, state]) => [name, state.buffer]);
    const spec = stepSpec(model, options, parts);
    const bound = { ...spec, states: Object.fromEntries(buffers) };
    plan = await compilePlan(device, bound, { signal });
    return await trainerOf({ device, model, options, states, plan, parts, close });
  } catch (error) {
    close();
    throw await withProposals(error, trainingSearch(device, model, { ...options, ...own }));
  }
}

/** The search among the options of `createTrainer`. `bytesOf` rejects like it. */
export function trainingSearch(
  device: Device,
  model: Model,
  { loss, targets, groups, ...options }: TrainerOptions & StepLoss,
): Search {
  return {
    options,
    model,
    async bytesOf(changes) {
      const other = { ...options, ...changes };
      const { base } = changes;
      const network = base ? await loadModel({ ...model.config, base } as ModelConfig) : model;
      const parts = await loadParts(network, other, { loss, targets, groups });
      let states = 0;
      for (const [name, floats] of Object.entries(stateFloats(network, other, parts))) {
        states += checkStateSize(device.gpu.limits, name, floats);
      }
      return states + plannedBytes(device, stepSpec(network, other, parts));
    },
  };
}

/** Pages with plain steps do not load the optional parts. */
async function loadParts(
  model: Model,
  options: TrainerOptions,
  { loss, targets, groups }: StepLoss,
): Promise<StepParts> {
  const { precision, accumulate = 1, clipNorm, ema, recompute } = options;
  const isPlain = precision !== "f16" && accumulate === 1 && !clipNorm && !ema && !recompute;
  const hasOwn = loss !== undefined || targets !== undefined || model.inputs;
  return {
    ...(!isPlain && (await import("./step-parts.js")).stepParts(model, options)),
    own: hasOwn ? (await import("./own-loss.js")).ownLoss({ loss, targets }, model) : undefined,
    groups:
      groups && (await import("./training-groups.js")).groupedUpdates(model.parameters, groups),
  };
}

interface TrainerMaterial {
  readonly device: Device;
  readonly model: Model;
  readonly options: TrainerOptions;
  readonly states: Readonly<Record<string, State>>;
  readonly plan: Plan;
  readonly parts: StepParts;
  /** Closes plan and states. */
  close(): void;
}

async function trainerOf(material: TrainerMaterial): Promise<Trainer> {
  const { device, model, options, states, plan, parts, close } = material;
  const { accumulate = 1 } = options;
  let batchCount = 0;
  const stepCount = () => Math.floor(batchCount / accumulate);
  const stored = storedStates(model, options, parts, states);
  const losses = createLossHistory(states.losses);
  let closed = false;
  const watch = await createWatch(device, { model, options, states, stepCount });
  const release = () => {
    closed = true;
    watch.close();
    close();
  };
  const checkOpen = () => {
    // Touching a destroyed buffer would fail the whole device.
    if (closed) throw new Error("the trainer is closed");
  };
  const verify = async () => {
    checkOpen();
    return watch.verify();
  };
  const tensors = async () => {
    checkOpen();
    return stored.read();
  };
  const batchPlan = parts.accumulation?.batchPlan(plan) ?? plan;
  /** Runs a batch: all but the last of a step leave out the update. */
  const runBatch = <T>(
    batch: Batch | OwnBatch,
    learningRate = options.learningRate,
    run: (plan: Plan, inputs: Inputs) => T,
  ): T => {
    watch.check();
    const inputs = inputsOf(material, batch, batchCount, learningRate);
    losses.note(stepCount(), learningRate);
    const done = run((batchCount + 1) % accumulate === 0 ? plan : batchPlan, inputs);
    void watch.count(++batchCount, done);
    return done;
  };
  const stateBytes = Object.values(states).reduce((sum, { buffer }) => sum + buffer.size, 0);
  return {
    plan,
    parameters: states.parameters,
    gradients: states.gradients,
    weights: stored.weights,
    totalBytes: plan.memory.totalBytes + stateBytes + watch.totalBytes,
    get stepCount() {
      return stepCount();
    },
    get batchCount() {
      return batchCount;
    },
    step: (batch, learningRate) =>
      runBatch(batch, learningRate, (plan, inputs) => plan.run(inputs)),
    stepInParts: (submits, batch, learningRate) =>
      runBatch(batch, learningRate, (plan, inputs) => plan.runInParts(submits, inputs)),
    stepTimed: (batch, learningRate) =>
      runBatch(batch, learningRate, (plan, inputs) => plan.runTimed(inputs)),
    async losses() {
      checkOpen();
      return losses.read(stepCount());
    },
    async lossScale() {
      checkOpen();
      return parts.half?.lossScale(states[SCALING]);
    },
    tensors,
    verify,
    async checkpoint() {
      await verify();
      const metadata = {
        model: model.config,
        normalisation: { kind: "image" },
        progress: { step: stepCount(), best: undefined },
      } as const;
      return { tensors: await tensors(), metadata };
    },
    restore(tensors, count) {
      checkOpen();
      stored.write(tensors);
      batchCount = count * accumulate;
      losses.restart(count);
    },
    close: release,
    [Symbol.dispose]: release,
  };
}

const ONE_PIXEL = Float32Array.of(1);

/** The inputs of a batch after `count` others. Throws for a batch that does not fit. */
function inputsOf(
  { model, options, parts: { half, accumulation, own } }: TrainerMaterial,
  batch: Batch | OwnBatch,
  count: number,
  learningRate: number,
): Inputs {
  const { tile, momentum, accumulate = 1 } = options;
  const done = Math.floor(count / accumulate);
  const t = done + 1;
  const step = [done, learningRate, 1 - momentum ** t, 1 - ADAM_BETA2 ** t];
  const at = count % accumulate;
  if (own) {
    // Batches of such a step count the same.
    const more = accumulation?.inputs(ONE_PIXEL, done, at);
    return { ...own.inputs(batch, `step ${t}`), step, ...more };
  }
  const sizes = { tile, output: model.outputSize(tile), labels: half !== undefined };
  const { image, label, weight } = batch as Batch;
  checkBatch({ image, label, weight }, `step ${t}`, model.config, sizes);
  return { image, label, weight, step, ...accumulation?.inputs(weight, done, at) };
}
