// What a run is made of where the person says nothing: the one table of defaults.

import type { ModelConfig, TrainingConfig } from "../train/types.js";

export interface RunDefaults {
  readonly model: Omit<ModelConfig, "architecture" | "channels">;
  readonly training: TrainingConfig;
}

const COMMON = {
  batch: 1,
  maxMinutes: undefined,
  optimizer: "sgd",
  seed: 1,
  augment: true,
  w0: 10,
  sigma: 5,
} as const;

/**
 * "sample": the embedded synthetic images, about 90 s on two cores without a GPU. "data": images of
 * one's own, the paper's depth at a quarter of its width.
 */
export const DEFAULTS: Readonly<Record<"sample" | "data", RunDefaults>> = {
  sample: {
    model: { base: 8, depth: 2, classes: 2, dropout: 0 },
    training: {
      ...COMMON,
      tile: 124,
      steps: 400,
      learningRate: 0.01,
      momentum: 0.9,
      validateEvery: 100,
    },
  },
  data: {
    model: { base: 16, depth: 4, classes: 2, dropout: 0 },
    training: {
      ...COMMON,
      tile: 284,
      steps: 2000,
      learningRate: 0.001,
      momentum: 0.99,
      validateEvery: 200,
    },
  },
};

/** Size in pixels and number of the embedded sample's images. */
export const SAMPLE = { size: 256, training: 8, validation: 2, seed: 1 } as const;
