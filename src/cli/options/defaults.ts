// What a run is made of where the person says nothing: the one table of defaults.

import { AUGMENTATIONS } from "../../data/augmentation.js";
import { DEFAULT_MODEL, DEFAULT_TRAINING } from "../../train/config.js";
import type { ModelConfig, TrainingConfig } from "../../train/training-types.js";

export interface RunDefaults {
  readonly model: Omit<ModelConfig, "architecture" | "channels">;
  readonly training: TrainingConfig;
}

/**
 * "sample": the embedded synthetic images, about 90 s on two cores without a GPU. "data": images of
 * one's own, as the library's defaults say.
 */
export const DEFAULTS: Readonly<Record<"sample" | "data", RunDefaults>> = {
  sample: {
    model: { base: 8, depth: 2, classes: 2, dropout: 0 },
    training: {
      ...DEFAULT_TRAINING,
      tile: 124,
      steps: 300,
      learningRate: 0.005,
      validateEvery: 100,
      // So few steps learn less from tiles that are harder than the images judged.
      augmentation: AUGMENTATIONS.flips,
    },
  },
  data: { model: DEFAULT_MODEL, training: DEFAULT_TRAINING },
};

/** Size in pixels and number of the embedded sample's images; names of its classes, where not two. */
export const SAMPLE = {
  size: 256,
  training: 8,
  validation: 2,
  seed: 1,
  classNames: ["membrane", "cell", "mitochondrion"],
} as const;
