// The graph of a training step: forward, loss, backward, update.

import type { PlanSpec } from "../gpu/plan-spec.js";
import type { Node } from "../graph/op.js";
import { input, stateTensor, type Tensor } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { parameterTensors } from "../model/parameters.js";
import { adam, gradients, logValue, scale, sgd, weightedCrossEntropy } from "../ops/network-ops.js";
import type { UpdateTensors } from "../ops/update/optimizers.js";
import { checkTrainingKeys, trainingConfig } from "./config.js";
import type { StepParts } from "./step-parts.js";
import { AVERAGE, LOSS_HISTORY, MOMENTS, type TrainerOptions } from "./trainer-states.js";

export const ADAM_BETA2 = 0.999;
const ADAM_EPSILON = 1e-8;

const REQUIRED = ["tile", "batch", "optimizer", "learningRate", "momentum", "seed"] as const;

/** Throws for options that are missing, unknown or invalid. */
export function checkTrainerOptions(what: string, options: TrainerOptions): void {
  checkTrainingKeys(what, options);
  for (const name of REQUIRED) {
    if (options[name] !== undefined) continue;
    throw new Error(`${what}: ${name} is missing, expected ${REQUIRED.join(", ")}`);
  }
  trainingConfig(options);
}

/** Returns the floats of each state of a trainer, by name. */
export function stateFloats(
  model: Model,
  { optimizer }: Pick<TrainerOptions, "optimizer">,
  { states }: StepParts,
): Record<string, number> {
  const { floats, trainedFloats } = model.parameters;
  const trained = ["gradients", ...MOMENTS[optimizer]].map((name) => [name, trainedFloats]);
  return { parameters: floats, ...Object.fromEntries(trained), losses: LOSS_HISTORY, ...states };
}

/**
 * The plan of a step, without the buffers of its states. Inputs: image, label, weight, and step [4]:
 * number, learning rate, 1 - beta1^t, 1 - beta2^t. Its output is the loss. `parts` are what the options
 * ask for in addition (`stepParts`).
 */
export function stepSpec(model: Model, options: TrainerOptions, parts: StepParts = {}): PlanSpec {
  const { half, accumulation, recomputed } = parts;
  const { tile, batch, seed } = options;
  const out = model.outputSize(tile);
  const image = input("image", [batch, model.config.channels, tile, tile]);
  const label = input("label", [batch, 1, out, out]);
  const weight = input("weight", [batch, 1, out, out]);
  const step = input("step", [4]);
  const parameters = parameterTensors(model.parameters);
  const buffers: Node[] = [];
  const training = { step, seed, updates: buffers, ...accumulation?.dropout };
  const outputs = model.outputs?.(image, parameters, training);
  const logits = outputs?.logits ?? model.logits(image, parameters, training);
  const given = { image, logits, outputs: outputs ?? { logits }, label, weight };
  const ownLoss = parts.own?.loss(given) ?? model.loss?.({ ...given, targets: {} });
  const scaledWeight = half?.scaleWeight(weight) ?? weight;
  const scaledLoss = ownLoss ?? weightedCrossEntropy(logits, label, scaledWeight, "loss");
  const loss = (!ownLoss && half?.unscaleLoss(scaledLoss)) || scaledLoss;
  const trained = model.parameters.trained.map(({ name }) => parameters.get(name) as Tensor);
  const plain = gradients(scaledLoss, trained, ownLoss && half?.seed());
  const outputsInto = placeGradients(model, recomputed?.(scaledLoss, plain) ?? plain);
  return {
    name: "training step",
    outputs: [loss],
    updates: updatesOf(model, options, parts, {
      loss,
      step,
      buffers,
      after: [...outputsInto.keys()],
    }),
    outputsInto,
    halfStorage: half?.pack,
    halfFactors: half !== undefined,
  };
}

type Places = NonNullable<PlanSpec["outputsInto"]>;

/** Where each parameter's gradient lies in the flat state of all. */
function placeGradients(model: Model, tensors: readonly (Tensor | undefined)[]): Places {
  const placed = new Map<Tensor, { state: string; offset: number }>();
  for (const [i, parameter] of model.parameters.trained.entries()) {
    let gradient = tensors[i];
    if (!gradient) throw new Error(`the loss does not depend on the parameter ${parameter.name}`);
    // A tensor has one place only: one that is the gradient of two parameters is copied.
    if (!gradient.node || placed.has(gradient)) gradient = scale(gradient, 1, parameter.name);
    placed.set(gradient, { state: "gradients", offset: parameter.offset });
  }
  return placed;
}

interface StepTensors {
  readonly loss: Tensor;
  readonly step: Tensor;
  /** What updates the buffers of the model. */
  readonly buffers: readonly Node[];
  /** The gradients of the parameters. */
  readonly after: readonly Tensor[];
}

/** What a step writes into its states, in the order in which it runs. */
function updatesOf(
  model: Model,
  options: TrainerOptions,
  { half, accumulation, clip, average, groups }: StepParts,
  { loss, step, buffers, after }: StepTensors,
): Node[] {
  const { optimizer, momentum, weightDecay = 0 } = options;
  const { floats, trainedFloats } = model.parameters;
  const flat = (name: string) => stateTensor(name, [trainedFloats], name);
  const whole = (name: string) => stateTensor(name, [floats], name);
  const one = { gradients: flat("gradients"), loss, updates: [] };
  const all = accumulation?.mean(one) ?? one;
  const clipping = clip?.(all.gradients);
  const tensors = {
    parameters: flat("parameters"),
    gradients: all.gradients,
    moments: MOMENTS[optimizer].map(flat),
    step,
    scaling: half?.scaling,
    clip: clipping,
    after,
  };
  const update = (of: UpdateTensors, decay = weightDecay) =>
    optimizer === "sgd"
      ? sgd(of, { momentum, decay })
      : adam(of, { beta1: momentum, beta2: ADAM_BETA2, epsilon: ADAM_EPSILON, decay });
  const history = stateTensor("losses", [LOSS_HISTORY], "losses");
  // Updates run in the order of this list. The graph does not know that one reads a state which another
  // writes, so the order here is what makes a step correct.
  const updates = [
    // Each batch updates the buffers.
    ...buffers,
    // The means over the batches come next: every batch of a step, except the last, runs the plan up
    // to here and no further (`Accumulation.batchPlan`).
    ...all.updates,
    // Divides the gradients by the loss scale and marks a step that overflowed, before both are read.
    half?.unscaleGradients(all.gradients),
    // Its norm is that of the unscaled gradients, so it runs here instead of with the graph.
    clipping?.node,
    ...(groups?.(tensors, update) ?? [update(tensors)]),
    // Once per step, so after the means.
    logValue(all.loss, step, history),
    // Averages the updated weights, and the buffers.
    average?.({ parameters: whole("parameters"), average: whole(AVERAGE), step }),
    // Clears the mark and changes the scale, so everything that reads them runs before.
    half?.adjust,
  ];
  return updates.filter((node) => node !== undefined);
}
