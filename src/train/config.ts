// Defaults and checks of what a run is made of.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { AUGMENTATIONS, augmentationConfig } from "../data/augmentation.js";
import { shown } from "../data/json.js";
import { architectureDefaults } from "../model/architecture-names.js";
import type { ModelConfig } from "../model/model.js";
import { SCHEDULES } from "./schedule.js";
import { SELECTIONS } from "./selection.js";
import type { Precision, TrainingConfig } from "./training-types.js";

export const PRECISIONS: readonly Precision[] = ["f32", "f16"];

/** The model of a run where nothing else is said: the paper's depth at a quarter of its width. */
export const DEFAULT_MODEL: ModelConfig = {
  architecture: "unet",
  base: 16,
  depth: 4,
  channels: 1,
  classes: 2,
  dropout: 0,
};

/** The training of a run where nothing else is said. */
export const DEFAULT_TRAINING: TrainingConfig = {
  tile: 284,
  batch: 1,
  accumulate: 1,
  steps: 2000,
  maxMinutes: undefined,
  optimizer: "adam",
  learningRate: 0.001,
  schedule: "constant",
  warmup: 0,
  decayEvery: 1000,
  decayFactor: 0.1,
  momentum: 0.9,
  seed: 1,
  validateEvery: 200,
  augmentation: AUGMENTATIONS.paper,
  tileStride: 0,
  classWeights: "equal",
  w0: 0,
  sigma: 5,
  recompute: false,
  clipNorm: 0,
  weightDecay: 0,
  ema: 0,
  best: "loss",
  patience: 0,
  precision: "f32",
};

const TRAINING = Object.fromEntries(
  Object.keys(DEFAULT_TRAINING).map((key) => [key, 1]),
) as Keys<TrainingConfig>;

const MODEL: Keys<ModelConfig> = {
  architecture: 1,
  base: 1,
  depth: 1,
  channels: 1,
  classes: 1,
  dropout: 1,
  classNames: 1,
  classColours: 1,
};

/** Throws for a key that is no setting of training. */
export function checkTrainingKeys(what: string, options: Partial<TrainingConfig>): void {
  checkKeys(what, options, TRAINING);
}

/** A model configuration with the defaults filled in. `createModel` checks it. */
export function modelConfig(changes: Partial<ModelConfig> = {}): ModelConfig {
  checkKeys<Partial<ModelConfig>>("modelConfig", changes, MODEL);
  const { architecture = DEFAULT_MODEL.architecture } = changes;
  return { ...DEFAULT_MODEL, ...architectureDefaults(architecture), ...defined(changes) };
}

/** A training configuration with the defaults filled in. Throws for a value that cannot be. */
export function trainingConfig(changes: Partial<TrainingConfig> = {}): TrainingConfig {
  checkTrainingKeys("trainingConfig", changes);
  const config = { ...DEFAULT_TRAINING, ...defined(changes) };
  const check = (name: keyof TrainingConfig, ok: (value: number) => boolean, expected: string) => {
    const value = config[name] as number;
    if (!ok(value)) throw new Error(`${name} must be ${expected}, got ${shown(value)}`);
  };
  const whole = (least: number) => (value: number) => Number.isSafeInteger(value) && value >= least;
  for (const name of [
    "tile",
    "batch",
    "accumulate",
    "steps",
    "validateEvery",
    "decayEvery",
  ] as const) {
    check(name, whole(1), "a whole number from 1");
  }
  for (const name of ["seed", "warmup", "tileStride", "patience"] as const) {
    check(name, whole(0), "a whole number from 0");
  }
  check("learningRate", (value) => Number.isFinite(value) && value > 0, "a number above 0");
  check("decayFactor", (value) => value > 0 && value <= 1, "above 0 to 1");
  check("momentum", (value) => value >= 0 && value < 1, "0 to below 1");
  check("ema", (value) => value >= 0 && value < 1, "0 to below 1");
  for (const name of ["w0", "clipNorm", "weightDecay"] as const) {
    check(name, (value) => Number.isFinite(value) && value >= 0, "a number from 0");
  }
  check("sigma", (value) => Number.isFinite(value) && value > 0, "a number of pixels above 0");
  if (config.maxMinutes !== undefined) {
    check("maxMinutes", (value) => Number.isFinite(value) && value > 0, "a number above 0");
  }
  const oneOf = (name: keyof TrainingConfig, words: readonly string[]) => {
    if (words.includes(config[name] as string)) return;
    throw new Error(`${name} must be ${words.join(" or ")}, got ${shown(config[name])}`);
  };
  oneOf("optimizer", ["sgd", "adam"]);
  oneOf("precision", PRECISIONS);
  oneOf("classWeights", ["balanced", "equal"]);
  oneOf("schedule", SCHEDULES);
  oneOf("best", SELECTIONS);
  if (config.schedule === "cosine-time" && config.maxMinutes === undefined) {
    throw new Error("schedule cosine-time follows the time budget: give maxMinutes");
  }
  return { ...config, augmentation: augmentationConfig(config.augmentation) };
}

/**
 * The training of a run that an earlier version may have begun: what that version did stands in for
 * settings that it did not have.
 */
export function earlierTraining(
  fields: Partial<TrainingConfig> & { readonly augment?: boolean },
): TrainingConfig {
  const { augment = true, ...config } = fields;
  const augmentation = augment ? AUGMENTATIONS.flips : AUGMENTATIONS.none;
  return { ...DEFAULT_TRAINING, augmentation, ...config };
}

/** Without the keys whose value is undefined, so that they do not hide a default. */
function defined<T extends object>(changes: T): T {
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as T;
}
