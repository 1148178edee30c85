// What a run is made of where a person says nothing, or names a preset: the command line and the app
// begin with these.

import { AUGMENTATIONS } from "../data/augmentation-config.js";
import type { BuiltInFields } from "../model/fields.js";
import { DEFAULT_MODEL, DEFAULT_TRAINING } from "./config.js";
import type { ModelConfig, TrainingConfig } from "./training-types.js";

export interface RunDefaults {
  readonly model: BuiltInFields & Pick<ModelConfig, "classes">;
  readonly training: TrainingConfig;
}

/**
 * "sample": the embedded synthetic images, which a processor learns in about a minute. "data": images
 * of one's own, as the library's defaults say.
 */
export const RUN_DEFAULTS: Readonly<Record<"sample" | "data", RunDefaults>> = {
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

export type PresetName = "paper" | "small";

/** Defaults under a name, and what to say about them. */
export interface Preset extends RunDefaults {
  readonly words: string;
}

/**
 * "paper": the network and the training of Ronneberger et al. 2015; it gives no learning rate and no
 * number of steps. "small": for adapters in software: thirty minutes, whatever the number of steps
 * that fit; a moving average of the weights; equal class weights, since balanced ones make the mask
 * too thick at probability 0.5 in short runs.
 */
export const RUN_PRESETS: Readonly<Record<PresetName, Preset>> = {
  paper: {
    words: "its network and training",
    model: { ...DEFAULT_MODEL, base: 64, dropout: 0.5 },
    training: {
      ...DEFAULT_TRAINING,
      tile: 572,
      steps: 6000,
      optimizer: "sgd",
      momentum: 0.99,
      classWeights: "balanced",
      w0: 10,
    },
  },
  small: {
    words: "thirty minutes without a GPU and a moving average of the weights",
    model: DEFAULT_MODEL,
    training: {
      ...DEFAULT_TRAINING,
      tile: 348,
      steps: 20_000,
      maxMinutes: 30,
      schedule: "cosine-time",
      warmup: 100,
      validateEvery: 500,
      w0: 1,
      ema: 0.999,
    },
  },
};
