// One training step as a replay: forward, loss, backward, update in one submit. The trainer owns
// the states (parameters, gradients, moments) and the plan.

import type { Batch } from "../data/tiles.js";
import type { Device } from "../gpu/device.js";
import { compilePlan, type Inputs, type Plan } from "../gpu/plan.js";
import { createState, type State } from "../gpu/state.js";
import type { RunTimes } from "../gpu/timing.js";
import { input, type Node, stateTensor, type Tensor } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { initialValues, parameterTensors, slice } from "../model/parameters.js";
import { adam, gradients, logValue, scale, sgd, weightedCrossEntropy } from "../ops/index.js";
import type { Checkpoint, CheckpointTensor, TrainingConfig } from "./types.js";

/** Steps whose losses are kept on the GPU until they are read. */
export const LOSS_HISTORY = 64;

export type TrainerOptions = Pick<
  TrainingConfig,
  "tile" | "batch" | "optimizer" | "learningRate" | "momentum" | "seed"
>;

export interface Trainer {
  readonly plan: Plan;
  /** The flat parameters, shared with predictors. */
  readonly parameters: State;
  /** Steps done. */
  readonly stepCount: number;
  /** Bytes on the GPU: states and plan. */
  readonly totalBytes: number;
  /**
   * Submits one step and returns at once. `learningRate` stands in for the configured one.
   */
  step(batch: Batch, learningRate?: number): void;
  /** The same step, bit for bit, with the time of each dispatch. Resolves when it is done. */
  stepTimed(batch: Batch, learningRate?: number): Promise<RunTimes>;
  /**
   * The losses of the steps done and not yet returned by an earlier call, oldest first; of the last
   * 64 at most. Waits for the GPU.
   */
  losses(): Promise<{ readonly step: number; readonly loss: number }[]>;
  /** Weights under their names and the optimiser's state under `optimizer.*`. */
  tensors(): Promise<Map<string, CheckpointTensor>>;
  /** The tensors with what a predictor and a resumed run need to know. */
  checkpoint(): Promise<Checkpoint>;
  /** Continues from the tensors and step count of another trainer. Throws where they do not fit. */
  restore(tensors: ReadonlyMap<string, CheckpointTensor>, stepCount: number): void;
  close(): void;
}

const MOMENTS = {
  sgd: ["optimizer.velocity"],
  adam: ["optimizer.mean", "optimizer.square"],
} as const;

const ADAM_BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

/** Makes a model ready to train on tiles of one size. The initial weights come from the seed. */
export async function createTrainer(
  device: Device,
  model: Model,
  options: TrainerOptions,
): Promise<Trainer> {
  const { floats } = model.parameters;
  const moments = MOMENTS[options.optimizer];
  const states: Record<string, State> = {};
  const close = () => {
    for (const state of Object.values(states)) state.close();
  };
  try {
    for (const name of ["parameters", "gradients", ...moments]) {
      states[name] = createState(device, name, floats);
    }
    states.losses = createState(device, "losses", LOSS_HISTORY);
    states.parameters.write(initialValues(model.parameters, options.seed));
    const graph = stepGraph(model, options, floats);
    const buffers = Object.entries(states).map(([name, state]) => [name, state.buffer]);
    const plan = await compilePlan(device, {
      name: "training step",
      outputs: [graph.loss],
      updates: graph.updates,
      placed: graph.placed,
      states: Object.fromEntries(buffers),
    });
    return trainerOf(model, options, states, plan, () => {
      plan.close();
      close();
    });
  } catch (error) {
    close();
    throw error;
  }
}

interface StepGraph {
  readonly loss: Tensor;
  readonly updates: readonly Node[];
  readonly placed: ReadonlyMap<Tensor, { readonly state: string; readonly offset: number }>;
}

/** Inputs: image, label, weight, and step [4]: number, learning rate, 1 - beta1^t, 1 - beta2^t. */
function stepGraph(model: Model, options: TrainerOptions, floats: number): StepGraph {
  const { tile, batch, optimizer, momentum, seed } = options;
  const out = model.outputSize(tile);
  const image = input("image", [batch, model.config.channels, tile, tile]);
  const label = input("label", [batch, 1, out, out]);
  const weight = input("weight", [batch, 1, out, out]);
  const step = input("step", [4]);
  const parameters = parameterTensors(model.parameters);
  const logits = model.logits(image, parameters, { step, seed });
  const loss = weightedCrossEntropy(logits, label, weight, "loss");

  const placed = new Map<Tensor, { state: string; offset: number }>();
  const tensors = gradients(loss, [...parameters.values()]);
  for (const [i, parameter] of model.parameters.list.entries()) {
    let gradient = tensors[i];
    if (!gradient) throw new Error(`the loss does not depend on the parameter ${parameter.name}`);
    // A tensor can stand in one place only; one that is the gradient of two parameters is copied.
    if (!gradient.node || placed.has(gradient)) gradient = scale(gradient, 1, parameter.name);
    placed.set(gradient, { state: "gradients", offset: parameter.offset });
  }
  const flat = (name: string) => stateTensor(name, [floats], name);
  const update = {
    parameters: flat("parameters"),
    gradients: flat("gradients"),
    moments: MOMENTS[optimizer].map(flat),
    step,
    after: [...placed.keys()],
  };
  const updateNode =
    optimizer === "sgd"
      ? sgd(update, { momentum })
      : adam(update, { beta1: momentum, beta2: ADAM_BETA2, epsilon: ADAM_EPSILON });
  const history = stateTensor("losses", [LOSS_HISTORY], "losses");
  return { loss, placed, updates: [updateNode, logValue(loss, step, history)] };
}

function trainerOf(
  model: Model,
  options: TrainerOptions,
  states: Readonly<Record<string, State>>,
  plan: Plan,
  close: () => void,
): Trainer {
  const moments = MOMENTS[options.optimizer];
  let stepCount = 0;
  let lossesRead = 0;
  let closed = false;
  const checkOpen = () => {
    // Touching a buffer that is gone would fail the whole device.
    if (closed) throw new Error("the trainer is closed");
  };
  const inputsOf = ({ image, label, weight }: Batch, learningRate: number): Inputs => {
    const t = stepCount + 1;
    const corrections = [1 - options.momentum ** t, 1 - ADAM_BETA2 ** t];
    return { image, label, weight, step: [stepCount, learningRate, ...corrections] };
  };
  const tensors = async () => {
    checkOpen();
    const result = new Map<string, CheckpointTensor>();
    for (const state of ["parameters", ...moments]) {
      const flat = await states[state].read();
      for (const parameter of model.parameters.list) {
        const name = state === "parameters" ? parameter.name : `${state}.${parameter.name}`;
        result.set(name, { shape: parameter.shape, data: slice(parameter, flat) });
      }
    }
    return result;
  };
  const stateBytes = Object.values(states).reduce((sum, { floats }) => sum + floats * 4, 0);
  return {
    plan,
    parameters: states.parameters,
    totalBytes: plan.memory.totalBytes + stateBytes,
    get stepCount() {
      return stepCount;
    },
    step(batch, learningRate = options.learningRate) {
      plan.run(inputsOf(batch, learningRate));
      stepCount++;
    },
    stepTimed(batch, learningRate = options.learningRate) {
      const times = plan.runTimed(inputsOf(batch, learningRate));
      stepCount++;
      return times;
    },
    async losses() {
      checkOpen();
      const end = stepCount;
      const first = Math.max(lossesRead, end - LOSS_HISTORY);
      lossesRead = end;
      const history = await states.losses.read();
      return Array.from({ length: end - first }, (_, i) => ({
        step: first + i + 1,
        loss: history[(first + i) % LOSS_HISTORY],
      }));
    },
    tensors,
    async checkpoint() {
      const metadata = {
        model: model.config,
        normalisation: { kind: "image" },
        progress: { step: stepCount, best: undefined },
      } as const;
      return { tensors: await tensors(), metadata };
    },
    restore(tensors, count) {
      checkOpen();
      for (const state of ["parameters", ...moments]) {
        const prefix = state === "parameters" ? "" : `${state}.`;
        states[state].write(flatten(model, tensors, prefix));
      }
      stepCount = count;
      lossesRead = count;
    },
    close() {
      closed = true;
      close();
    },
  };
}

/** The flat buffer's content from named tensors. Throws for a missing name or another shape. */
export function flatten(
  model: Model,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  prefix = "",
): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(model.parameters.floats);
  for (const parameter of model.parameters.list) {
    const name = `${prefix}${parameter.name}`;
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`the checkpoint has no tensor ${name}`);
    if (tensor.shape.join() !== parameter.shape.join()) {
      throw new Error(
        `the checkpoint's tensor ${name} is [${tensor.shape}], but the model expects [${parameter.shape}]`,
      );
    }
    slice(parameter, flat).set(tensor.data);
  }
  return flat;
}
