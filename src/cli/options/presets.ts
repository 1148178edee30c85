// Recipes under a name: what a run is made of where the person names a preset and nothing else.

import { DEFAULT_MODEL, DEFAULT_TRAINING } from "../../train/config.js";
import type { RunDefaults } from "./defaults.js";

export type PresetName = "paper" | "small";

/**
 * "paper": the network and the training of Ronneberger et al. 2015; it gives no learning rate and no
 * number of steps. "small": for adapters in software: thirty minutes, whatever the number of steps
 * that fit; a moving average of the weights; equal class weights, since balanced ones make the mask
 * too thick at probability 0.5 in short runs.
 */
export const PRESETS: Readonly<Record<PresetName, RunDefaults>> = {
  paper: {
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
