// The options of a trainer, and the names of its states.

import type { TrainingConfig } from "./training-types.js";

/** The number of steps whose losses are kept on the GPU until they are read. */
export const LOSS_HISTORY = 64;

/** The settings that a training step depends on. */
export type TrainerOptions = Pick<
  TrainingConfig,
  "tile" | "batch" | "optimizer" | "learningRate" | "momentum" | "seed"
> &
  Partial<
    Pick<
      TrainingConfig,
      "accumulate" | "recompute" | "precision" | "clipNorm" | "weightDecay" | "ema"
    >
  >;

export const MOMENTS = {
  sgd: ["optimizer.velocity"],
  adam: ["optimizer.mean", "optimizer.square"],
} as const;

/** The state of the averaged weights. */
export const AVERAGE = "average";

/** The state of the loss scale (half-precision.ts), in a trainer and in its checkpoint. */
export const SCALING = "optimizer.scaling";

/** The state of dynamic loss scaling (ops/loss-scaling.ts). */
export interface LossScale {
  /** The factor of the loss, a power of two. */
  readonly scale: number;
  /** Steps of the run that overflowed and changed nothing. */
  readonly skippedSteps: number;
}
