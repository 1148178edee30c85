// The updates that only own programs use as cases: optimisers with the settings of PyTorch, moves of states.

import { noise } from "../graph/uniform-noise.js";
import { lerp } from "../ops/update/assign.js";
import { adamL2, rmsprop, sgdL2 } from "../ops/update/l2-optimizers.js";
import type { UpdateCase } from "./check-update.js";
import { adamReference } from "./references/optimizers-reference.js";
import { ADAM, optimizerCase } from "./update-cases.js";

const L2 = 0.3;
const MOMENTUM = 0.9;
const ALPHA = 0.8;
const EPSILON = 1e-3;
const MOVE = 0.2;
const COUNT = 517;

export const GENERAL_UPDATE_CASES: readonly UpdateCase[] = [
  optimizerCase(
    "sgd-l2",
    ["velocity"],
    (tensors) => sgdL2(tensors, { momentum: MOMENTUM, l2: L2, nesterov: true }),
    (p, gradients, [velocity], _step, rate) => {
      for (let i = 0; i < p.length; i++) {
        const g = gradients[i] + L2 * p[i];
        velocity[i] = MOMENTUM * velocity[i] + g;
        p[i] -= rate * (g + MOMENTUM * velocity[i]);
      }
    },
  ),
  optimizerCase(
    "adam-l2",
    ["mean", "square"],
    (tensors) => adamL2(tensors, { ...ADAM, l2: L2 }),
    (p, gradients, [mean, square], step, rate) => {
      const g = gradients.map((value, i) => value + L2 * p[i]);
      adamReference(p, g, [mean, square], step, rate, ADAM);
    },
  ),
  optimizerCase(
    "rmsprop",
    ["square", "velocity", "mean"],
    (tensors) => {
      const settings = { alpha: ALPHA, epsilon: EPSILON, momentum: MOMENTUM, l2: L2 };
      return rmsprop(tensors, { ...settings, centered: true });
    },
    (p, gradients, [square, velocity, mean], _step, rate) => {
      for (let i = 0; i < p.length; i++) {
        const g = gradients[i] + L2 * p[i];
        square[i] = ALPHA * square[i] + (1 - ALPHA) * g * g;
        mean[i] = ALPHA * mean[i] + (1 - ALPHA) * g;
        const deviation = Math.sqrt(square[i] - mean[i] * mean[i]);
        velocity[i] = MOMENTUM * velocity[i] + g / (deviation + EPSILON);
        p[i] -= rate * velocity[i];
      }
    },
  ),
  {
    name: "lerp",
    ops: ["lerp"],
    states: { state: { begin: noise(COUNT, 1), op: "lerp" } },
    inputs: (run) => ({ value: noise(COUNT, 400 + run) }),
    updates: ({ state, value }) => [lerp(state, value, MOVE)],
    reference: ({ state }, { value }) => {
      for (let i = 0; i < COUNT; i++) state[i] += MOVE * (value[i] - state[i]);
    },
  },
];
