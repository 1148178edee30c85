// The defaults of runs and presets, shared by the command line and the app.

import { AUGMENTATIONS } from "../data/augmentation-config.js";
import type { BuiltInFields } from "../model/fields.js";
import { DEFAULT_MODEL, DEFAULT_TRAINING } from "./config.js";
import type { ModelConfig, TrainingConfig } from "./training-types.js";

/** A network and a training that other settings start from. */
export interface RunDefaults {
  /** The network. */
  readonly model: BuiltInFields & Pick<ModelConfig, "classes">;
  /** The training. */
  readonly training: TrainingConfig;
}

/** What a run trains on: an embedded sample, or images of one's own. */
export type RunKind = "sample" | "nuclei" | "data";

/**
 * The weight map's w0 where labels hold one number per cell and nobody says another. The gaps are a pixel wide: at
 * weight 1 a network may leave them out at little loss, from 5 on it draws them too wide (docs/results.md).
 */
export const INSTANCE_W0 = 2.5;

/**
 * "sample": the embedded synthetic images, learned on a CPU in about a minute. "nuclei": the embedded images of
 * nuclei, in about ten minutes. "data": the user's own images, with the library's defaults.
 */
export const RUN_DEFAULTS: Readonly<Record<RunKind, RunDefaults>> = {
  sample: {
    model: { base: 8, depth: 2, classes: 2, dropout: 0 },
    training: {
      ...DEFAULT_TRAINING,
      tile: 124,
      steps: 300,
      learningRate: 0.005,
      validateEvery: 100,
      // In so few steps, tiles that are harder than the validation images teach less.
      augmentation: AUGMENTATIONS.flips,
    },
  },
  data: { model: DEFAULT_MODEL, training: DEFAULT_TRAINING },
  nuclei: {
    // A third level takes twice as long for a step, and sees more than a nucleus and its neighbours. Batch norms
    // bring AP50 from 0.88 to 0.90 in 10,000 steps (docs/results.md).
    model: { base: 16, depth: 2, classes: 2, dropout: 0, norm: "batch" },
    training: {
      ...DEFAULT_TRAINING,
      tile: 148,
      steps: 12_000,
      learningRate: 0.004,
      schedule: "cosine",
      warmup: 50,
      validateEvery: 500,
      // Turning and stretching by parts of a pixel tears gaps of one pixel; flips keep them whole.
      augmentation: AUGMENTATIONS.flips,
      ema: 0.998,
      w0: INSTANCE_W0,
      best: "ap50",
    },
  },
};

export type PresetName = "paper" | "small";

/** Defaults with a name and a description. */
export interface Preset extends RunDefaults {
  readonly words: string;
}

/**
 * "paper": the network and the training of Ronneberger et al. 2015; the paper gives neither the
 * learning rate nor the number of steps. "small": for software adapters: thirty minutes, whatever
 * the number of steps; a moving average of the weights; equal class weights, since balanced ones
 * make the mask too thick at probability 0.5 in short runs.
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
