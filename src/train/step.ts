// One training step as a replay: forward, loss, backward, update in one submit. The trainer owns
// the states (parameters, gradients, moments) and the plan.

import type { Batch } from "../data/tiles.js";
import type { Device } from "../gpu/device.js";
import { compilePlan, type Inputs, type Plan } from "../gpu/plan.js";
import { createState, type State } from "../gpu/state.js";
import type { RunTimes } from "../gpu/timing.js";
import type { Model } from "../model/model.js";
import { initialValues, slice } from "../model/parameters.js";
import { flatten } from "./restore.js";
import {
  ADAM_BETA2,
  AVERAGE,
  LOSS_HISTORY,
  MOMENTS,
  SCALING,
  stateFloats,
  stepSpec,
  type TrainerOptions,
} from "./step-graph.js";
import type { StepParts } from "./step-parts.js";
import type { Checkpoint, CheckpointTensor } from "./types.js";

export type { TrainerOptions } from "./step-graph.js";

/** What is known of one step: the number of steps done with it, and the loss of its batches. */
export interface StepFigures {
  readonly step: number;
  readonly loss: number;
  readonly learningRate: number;
}

/** The state of dynamic loss scaling (ops/loss-scaling.ts). */
export interface LossScale {
  readonly scale: number;
  /** Steps of the run that overflowed and changed nothing. */
  readonly skippedSteps: number;
}

export interface Trainer {
  readonly plan: Plan;
  /** The flat parameters. */
  readonly parameters: State;
  /** The flat weights to predict with: the parameters, or with `ema` their moving average. */
  readonly weights: State;
  /** Steps done. */
  readonly stepCount: number;
  /** Batches of these steps and of the one in progress: `accumulate` of them make a step. */
  readonly batchCount: number;
  /** Bytes on the GPU: states and plan. */
  readonly totalBytes: number;
  /**
   * Submits one step and returns at once. `learningRate` stands in for the configured one. With
   * `accumulate` each call takes a batch of the step, and the last of them, with its learning rate,
   * updates the weights: what is read or saved before that is as the step before left it.
   */
  step(batch: Batch, learningRate?: number): void;
  /** The same step, bit for bit, in several submits (`Plan.runInParts`). Resolves when it is done. */
  stepInParts(submits: number, batch: Batch, learningRate?: number): Promise<void>;
  /** The same step, bit for bit, with the time of each dispatch. Resolves when it is done. */
  stepTimed(batch: Batch, learningRate?: number): Promise<RunTimes>;
  /**
   * The losses and learning rates of the steps done and not yet returned by an earlier call, oldest
   * first; of the last 64 at most. Waits for the GPU.
   */
  losses(): Promise<StepFigures[]>;
  /** The loss scale after the steps done; undefined in 32 bits. Waits for the GPU. */
  lossScale(): Promise<LossScale | undefined>;
  /** Weights under their names and the optimiser's state under `optimizer.*`. */
  tensors(): Promise<Map<string, CheckpointTensor>>;
  /** The tensors with what a predictor and a resumed run need to know. */
  checkpoint(): Promise<Checkpoint>;
  /** Continues from the tensors and step count of another trainer. Throws where they do not fit. */
  restore(tensors: ReadonlyMap<string, CheckpointTensor>, stepCount: number): void;
  /** Releases all that it holds on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Makes a model ready to train on tiles of one size. The initial weights come from the seed. */
export async function createTrainer(
  device: Device,
  model: Model,
  options: TrainerOptions,
): Promise<Trainer> {
  const states: Record<string, State> = {};
  const close = () => {
    for (const state of Object.values(states)) state.close();
  };
  try {
    const parts = await loadParts(model, options);
    for (const [name, floats] of Object.entries(stateFloats(model, options, parts))) {
      states[name] = createState(device, name, floats);
    }
    const initial = initialValues(model.parameters, options.seed);
    states.parameters.write(initial);
    states[AVERAGE]?.write(initial);
    if (parts.half) states[SCALING].write(parts.half.initialScaling);
    const buffers = Object.entries(states).map(([name, state]) => [name, state.buffer]);
    const spec = stepSpec(model, options, parts);
    const plan = await compilePlan(device, { ...spec, states: Object.fromEntries(buffers) });
    return trainerOf(model, options, states, plan, parts, () => {
      plan.close();
      close();
    });
  } catch (error) {
    close();
    throw error;
  }
}

/** Pages whose steps are plain do not load what others have beside. */
async function loadParts(model: Model, options: TrainerOptions): Promise<StepParts> {
  const { precision, accumulate = 1, clipNorm, ema, recompute } = options;
  if (precision !== "f16" && accumulate === 1 && !clipNorm && !ema && !recompute) return {};
  const { stepParts } = await import("./step-parts.js");
  return stepParts(model, options);
}

function trainerOf(
  model: Model,
  options: TrainerOptions,
  states: Readonly<Record<string, State>>,
  plan: Plan,
  { half, accumulation }: StepParts,
  close: () => void,
): Trainer {
  const { accumulate = 1 } = options;
  const weights = AVERAGE in states ? AVERAGE : "parameters";
  // Each flat state that a checkpoint holds, with what stands before its tensors' names. Weights
  // under plain names are those to predict with.
  const stored: [state: string, prefix: string][] = [[weights, ""]];
  if (weights !== "parameters") stored.push(["parameters", "optimizer.parameters."]);
  for (const moment of MOMENTS[options.optimizer]) stored.push([moment, `${moment}.`]);
  let batchCount = 0;
  const stepCount = () => Math.floor(batchCount / accumulate);
  const batchPlan = accumulation?.batchPlan(plan) ?? plan;
  let lossesRead = 0;
  const rates = new Float64Array(LOSS_HISTORY);
  let closed = false;
  const release = () => {
    closed = true;
    close();
  };
  const checkOpen = () => {
    // Touching a buffer that is gone would fail the whole device.
    if (closed) throw new Error("the trainer is closed");
  };
  const planOf = () => ((batchCount + 1) % accumulate === 0 ? plan : batchPlan);
  const inputsOf = (
    { image, label, weight }: Batch,
    learningRate = options.learningRate,
  ): Inputs => {
    const number = stepCount();
    rates[number % LOSS_HISTORY] = learningRate;
    const t = number + 1;
    const step = [number, learningRate, 1 - options.momentum ** t, 1 - ADAM_BETA2 ** t];
    const more = accumulation?.inputs(weight, number, batchCount % accumulate);
    return { image, label, weight, step, ...more };
  };
  const tensors = async () => {
    checkOpen();
    const result = new Map<string, CheckpointTensor>();
    for (const [state, prefix] of stored) {
      const flat = await states[state].read();
      for (const parameter of model.parameters.list) {
        const name = `${prefix}${parameter.name}`;
        result.set(name, { shape: parameter.shape, data: slice(parameter, flat) });
      }
    }
    if (SCALING in states) {
      const data = await states[SCALING].read();
      result.set(SCALING, { shape: [data.length], data });
    }
    return result;
  };
  const stateBytes = Object.values(states).reduce((sum, { buffer }) => sum + buffer.size, 0);
  return {
    plan,
    parameters: states.parameters,
    weights: states[weights],
    totalBytes: plan.memory.totalBytes + stateBytes,
    get stepCount() {
      return stepCount();
    },
    get batchCount() {
      return batchCount;
    },
    step(batch, learningRate) {
      planOf().run(inputsOf(batch, learningRate));
      batchCount++;
    },
    stepInParts(submits, batch, learningRate) {
      const done = planOf().runInParts(submits, inputsOf(batch, learningRate));
      batchCount++;
      return done;
    },
    stepTimed(batch, learningRate) {
      const times = planOf().runTimed(inputsOf(batch, learningRate));
      batchCount++;
      return times;
    },
    async losses() {
      checkOpen();
      const end = stepCount();
      const first = Math.max(lossesRead, end - LOSS_HISTORY);
      lossesRead = end;
      const history = await states.losses.read();
      return Array.from({ length: end - first }, (_, i) => ({
        step: first + i + 1,
        loss: history[(first + i) % LOSS_HISTORY],
        learningRate: rates[(first + i) % LOSS_HISTORY],
      }));
    },
    async lossScale() {
      checkOpen();
      if (!(SCALING in states)) return undefined;
      const [scale, , , skippedSteps] = await states[SCALING].read();
      return { scale, skippedSteps };
    },
    tensors,
    async checkpoint() {
      const metadata = {
        model: model.config,
        normalisation: { kind: "image" },
        progress: { step: stepCount(), best: undefined },
      } as const;
      return { tensors: await tensors(), metadata };
    },
    restore(tensors, count) {
      checkOpen();
      for (const [state, prefix] of stored) states[state].write(flatten(model, tensors, prefix));
      if (half) states[SCALING].write(half.savedScaling(tensors));
      batchCount = count * accumulate;
      lossesRead = count;
    },
    close: release,
    [Symbol.dispose]: release,
  };
}
