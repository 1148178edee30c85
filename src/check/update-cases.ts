// The updates of the built-in training as cases: optimisers, the average of the weights, the mean over
// batches, the scale of the loss.

import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import {
  adam,
  averageWeights,
  logValue,
  scale,
  sgd,
  type UpdateTensors,
} from "../ops/network-ops.js";
import { accumulate } from "../ops/update/accumulate.js";
import { adjustLossScale, initialScaling, unscaleGradients } from "../ops/update/loss-scaling.js";
import type { UpdateCase } from "./check-update.js";
import { adamReference, sgdReference } from "./references/optimizers-reference.js";

const RATE = 0.05;
/** Coefficients of Adam. */
export const ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const COUNT = 1003;

/** What an optimiser's reference changes: parameters, gradients, moments, step from 1, rate. */
type Reference = (
  p: Float64Array,
  g: Float64Array,
  moments: readonly Float64Array[],
  step: number,
  rate: number,
) => void;

/** Steps of an optimiser, with the value of each written into a history of losses. */
export function optimizerCase(
  name: string,
  moments: readonly string[],
  update: (tensors: UpdateTensors) => Node,
  reference: Reference,
): UpdateCase {
  const zeros = (op: string, count = COUNT) => ({ begin: new Float32Array(count), op });
  return {
    name,
    ops: [name, "log-value", "scale"],
    states: {
      parameters: { begin: noise(COUNT, 1), op: name },
      ...Object.fromEntries(moments.map((moment) => [moment, zeros(name)])),
      losses: zeros("log-value", 16),
    },
    inputs: (run) => ({
      given: noise(COUNT, 100 + run),
      step: [run, RATE, 1 - ADAM.beta1 ** run, 1 - ADAM.beta2 ** run],
      loss: [run / 8],
    }),
    updates: (t) => [
      update({
        parameters: t.parameters,
        gradients: scale(t.given, 1),
        moments: moments.map((moment) => t[moment]),
        step: t.step,
        after: [],
      }),
      logValue(t.loss, t.step, t.losses),
    ],
    reference: (states, { given, step, loss }) => {
      const held = moments.map((moment) => states[moment]);
      reference(states.parameters, Float64Array.from(given), held, step[0], step[1]);
      states.losses[step[0]] = loss[0];
    },
  };
}

const GROW_EVERY = 1;

/**
 * Gradients that are the mean of batches, divided by the scale of the loss. They begin as NaN, which the
 * first batch replaces; those of the second run overflow.
 */
const scaled: UpdateCase = {
  name: "loss scale",
  ops: ["unscale-gradients", "adjust-loss-scale", "accumulate"],
  states: {
    gradients: { begin: new Float32Array(COUNT).fill(Number.NaN), op: "unscale-gradients" },
    scaling: { begin: initialScaling(64), op: "adjust-loss-scale" },
  },
  inputs: (run) => {
    const value = noise(COUNT, 200 + run);
    if (run === 2) value[COUNT - 1] = Infinity;
    return { value, batch: [run, 0, 1] };
  },
  updates: (t: Readonly<Record<string, Tensor>>) => [
    accumulate(t.value, t.batch, t.gradients),
    unscaleGradients(t.gradients, t.scaling),
    adjustLossScale(t.scaling, GROW_EVERY),
  ],
  reference: ({ gradients, scaling }, { value }) => {
    for (let i = 0; i < COUNT; i++) gradients[i] = value[i] / scaling[0];
    const overflows = Array.from(value).some((one) => !Number.isFinite(one));
    const steps = overflows ? 0 : scaling[2] + 1;
    const factor = overflows ? 0.5 : steps >= GROW_EVERY ? 2 : 1;
    scaling.set([
      scaling[0] * factor,
      scaling[1] / factor,
      steps >= GROW_EVERY ? 0 : steps,
      scaling[3] + Number(overflows),
      0,
    ]);
  },
};

const mean: UpdateCase = {
  name: "accumulate",
  ops: ["accumulate"],
  states: { mean: { begin: new Float32Array(COUNT).fill(Number.NaN), op: "accumulate" } },
  inputs: (run) => ({ value: noise(COUNT, 300 + run), batch: [1, 2 * (run - 1), 1 / run] }),
  updates: (t) => [accumulate(t.value, t.batch, t.mean)],
  reference: ({ mean }, { value, batch }) => {
    for (let i = 0; i < COUNT; i++) {
      mean[i] = batch[1] > 0 ? mean[i] + batch[2] * (value[i] - mean[i]) : value[i];
    }
  },
};

const DECAY = 0.25;

const average: UpdateCase = {
  name: "average-weights",
  ops: ["average-weights"],
  states: {
    parameters: { begin: noise(COUNT, 2), op: "average-weights" },
    average: { begin: noise(COUNT, 3), op: "average-weights" },
  },
  // In the first two the share is that of the step, then the given one.
  inputs: (run) => ({ step: [run - 1, 0, 0, 0] }),
  updates: ({ parameters, average, step }) => [
    averageWeights({ parameters, average, step }, DECAY),
  ],
  reference: ({ parameters, average }, { step }) => {
    const t = step[0];
    const d = Math.min(DECAY, (1 + t) / (10 + t));
    for (let i = 0; i < COUNT; i++) average[i] = d * average[i] + (1 - d) * parameters[i];
  },
};

export const UPDATE_CASES: readonly UpdateCase[] = [
  optimizerCase(
    "sgd",
    ["velocity"],
    (tensors) => sgd(tensors, { momentum: 0.9 }),
    (p, g, [velocity], _step, rate) => sgdReference(p, g, velocity, rate, 0.9),
  ),
  optimizerCase(
    "adam",
    ["mean", "square"],
    (tensors) => adam(tensors, ADAM),
    (p, g, [mean, square], step, rate) => adamReference(p, g, [mean, square], step, rate, ADAM),
  ),
  average,
  mean,
  scaled,
];
