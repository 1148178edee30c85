// The graph of a training step: forward, loss, backward, update.

import type { PlanSpec } from "../gpu/plan-spec.js";
import { input, stateTensor, type Tensor } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { parameterTensors } from "../model/parameters.js";
import { adam, gradients, logValue, scale, sgd, weightedCrossEntropy } from "../ops/index.js";
import { checkTrainingKeys, trainingConfig } from "./config.js";
import type { StepParts } from "./step-parts.js";
import { AVERAGE, LOSS_HISTORY, MOMENTS, type TrainerOptions } from "./trainer-states.js";

export const ADAM_BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

const REQUIRED = ["tile", "batch", "optimizer", "learningRate", "momentum", "seed"] as const;

/** Throws for options that are missing, unknown or cannot be. */
export function checkTrainerOptions(what: string, options: TrainerOptions): void {
  checkTrainingKeys(what, options);
  for (const name of REQUIRED) {
    if (options[name] !== undefined) continue;
    throw new Error(`${what}: ${name} is missing, expected ${REQUIRED.join(", ")}`);
  }
  trainingConfig(options);
}

/** The states of a trainer by name, and the floats of each. */
export function stateFloats(
  model: Model,
  { optimizer }: Pick<TrainerOptions, "optimizer">,
  { states }: StepParts,
): Record<string, number> {
  const names = ["parameters", "gradients", ...MOMENTS[optimizer]];
  const flat = names.map((name) => [name, model.parameters.floats]);
  return { ...Object.fromEntries(flat), losses: LOSS_HISTORY, ...states };
}

/**
 * The plan of a step, but for the buffers of its states. Inputs: image, label, weight, and step [4]:
 * number, learning rate, 1 - beta1^t, 1 - beta2^t. Its output is the loss. `parts` are what the options
 * ask for beside (`stepParts`).
 */
export function stepSpec(
  model: Model,
  options: TrainerOptions,
  { half, accumulation, clip, average, recomputed }: StepParts = {},
): PlanSpec {
  const { floats } = model.parameters;
  const { tile, batch, optimizer, momentum, seed } = options;
  const { weightDecay: decay = 0 } = options;
  const out = model.outputSize(tile);
  const image = input("image", [batch, model.config.channels, tile, tile]);
  const label = input("label", [batch, 1, out, out]);
  const weight = input("weight", [batch, 1, out, out]);
  const step = input("step", [4]);
  const parameters = parameterTensors(model.parameters);
  const logits = model.logits(image, parameters, { step, seed, ...accumulation?.dropout });
  const scaledWeight = half?.scaleWeight(weight) ?? weight;
  const scaledLoss = weightedCrossEntropy(logits, label, scaledWeight, "loss");
  const loss = half?.unscaleLoss(scaledLoss) ?? scaledLoss;

  const placed = new Map<Tensor, { state: string; offset: number }>();
  const plain = gradients(scaledLoss, [...parameters.values()]);
  const tensors = recomputed?.(scaledLoss, plain) ?? plain;
  for (const [i, parameter] of model.parameters.list.entries()) {
    let gradient = tensors[i];
    if (!gradient) throw new Error(`the loss does not depend on the parameter ${parameter.name}`);
    // A tensor can stand in one place only; one that is the gradient of two parameters is copied.
    if (!gradient.node || placed.has(gradient)) gradient = scale(gradient, 1, parameter.name);
    placed.set(gradient, { state: "gradients", offset: parameter.offset });
  }
  const flat = (name: string) => stateTensor(name, [floats], name);
  const one = { gradients: flat("gradients"), loss, updates: [] };
  const whole = accumulation?.mean(one) ?? one;
  const { gradients: mean } = whole;
  const clipping = clip?.(mean);
  const update = {
    parameters: flat("parameters"),
    gradients: mean,
    moments: MOMENTS[optimizer].map(flat),
    step,
    scaling: half?.scaling,
    clip: clipping,
    after: [...placed.keys()],
  };
  const updateNode =
    optimizer === "sgd"
      ? sgd(update, { momentum, decay })
      : adam(update, { beta1: momentum, beta2: ADAM_BETA2, epsilon: ADAM_EPSILON, decay });
  const history = stateTensor("losses", [LOSS_HISTORY], "losses");
  const updates = [
    ...whole.updates,
    half?.unscaleGradients(mean),
    clipping?.node,
    updateNode,
    logValue(whole.loss, step, history),
    average?.({ ...update, average: flat(AVERAGE) }),
    half?.adjust,
  ].filter((node) => node !== undefined);
  return {
    name: "training step",
    outputs: [loss],
    updates,
    outputsInto: placed,
    halfStorage: half?.pack,
  };
}
