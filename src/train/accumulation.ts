// Gradient accumulation: a step whose gradient is that of one batch `accumulate` times as large.
//
// The loss of a batch is a sum over its pixels, divided by the number of those whose weight is
// above 0, and so is its gradient. Batches need not have the same number of such pixels, since a
// tile may have unlabelled ones. After batch i with c_i such pixels the state of the mean is
//   mean_i = mean_(i-1) + c_i / (c_1 + ... + c_i) * (gradient_i - mean_(i-1)),
// which is the gradient of the loss of one batch of all tiles so far. Whatever happens once per
// step (the loss scale of f16, clipping, the update, the average of the weights) reads the last
// mean, in which an infinite gradient of any batch remains. Each batch gets the dropout of its own
// images.

import type { Batch } from "../data/tiles.js";
import type { Plan } from "../gpu/plan-run.js";
import type { Node } from "../graph/op.js";
import { input, stateTensor, type Tensor } from "../graph/tensor.js";
import type { Dropout, Model } from "../model/model.js";
import { accumulate } from "../ops/update/accumulate.js";
import type { TrainerOptions } from "./trainer-states.js";

/** The states of the means. */
export const MEAN_GRADIENTS = "mean gradients";
export const MEAN_LOSS = "mean loss";

/** The gradients that the update of the weights reads. */
export interface StepGradients {
  /** Flat. */
  readonly gradients: Tensor;
  readonly loss: Tensor;
  /** Updates to run before it. */
  readonly updates: readonly Node[];
}

/** What is different in a step of several batches, for `stepSpec` and the trainer. */
export interface Accumulation {
  /** Floats of the additional states. */
  readonly states: Readonly<Record<string, number>>;
  /** The step and the images that a layer with dropout sees. */
  readonly dropout: Omit<Dropout, "seed">;
  /** Returns the means over the batches so far, given the loss and gradients of one batch. */
  mean(batch: Omit<StepGradients, "updates">): StepGradients;
  /**
   * Returns the part of a step's plan that every batch except the last runs: all except the update.
   */
  batchPlan(plan: Plan): Plan;
  /** Returns the values of the additional input `batch` for batch `index`, from 0, of a step. */
  inputs(weight: Batch["weight"], step: number, index: number): { readonly batch: number[] };
}

export function accumulation(model: Model, { batch: size }: TrainerOptions): Accumulation {
  const batch = input("batch", [3]);
  /** Pixels with weight above 0 before each batch of the current step. */
  const pixelsBefore = [0];
  /** The last node of a batch. The following ones run once per step. */
  let last: Node | undefined;
  return {
    states: { [MEAN_GRADIENTS]: model.parameters.trainedFloats, [MEAN_LOSS]: 1 },
    dropout: { step: batch, before: 1 },
    mean({ gradients, loss }) {
      const meanLoss = stateTensor(MEAN_LOSS, [1], MEAN_LOSS);
      const mean = stateTensor(MEAN_GRADIENTS, gradients.shape, MEAN_GRADIENTS);
      const ofLoss = accumulate(loss, batch, meanLoss);
      const updates = [accumulate(gradients, batch, mean), ofLoss];
      last = ofLoss;
      return { gradients: mean, loss: meanLoss, updates };
    },
    batchPlan(plan) {
      if (!last) throw new Error("call mean() before batchPlan(): the plan contains the means");
      return plan.first(last);
    },
    inputs(weight, step, index) {
      const before = pixelsBefore[index];
      const count = weight.reduce((sum, value) => sum + Number(value > 0), 0);
      pixelsBefore[index + 1] = before + count;
      return { batch: [step, index * size, count / Math.max(1, before + count)] };
    },
  };
}
