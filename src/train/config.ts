// Defaults and checks of what a run is made of.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { AUGMENTATIONS, augmentationConfig } from "../data/augmentation-config.js";
import type { Task } from "../data/task.js";
import { type BuiltInConfig, ownDefaults } from "../model/built-in.js";
import { networkRules } from "../options/network-rules.generated.js";
import { defaultsOf, faultIn } from "../options/rules.js";
import { trainingRules } from "../options/training-rules.generated.js";
import type { TrainingConfig } from "./training-types.js";

/** The model of a run where nothing else is said: the paper's depth at a quarter of its width. */
export const DEFAULT_MODEL: BuiltInConfig = { architecture: "unet", ...defaultsOf(networkRules) };

/** The training of a run where nothing else is said. */
export const DEFAULT_TRAINING: TrainingConfig = {
  ...defaultsOf(trainingRules),
  augmentation: AUGMENTATIONS.paper,
};

/** Has the names of all that describes a network. */
const MODEL_KEYS: Keys<BuiltInConfig & Task> = {
  architecture: 1,
  ...networkRules,
  classNames: 1,
  classColours: 1,
};

/** Throws for a key that is no setting of training. */
export function checkTrainingKeys(what: string, options: Partial<TrainingConfig>): void {
  checkKeys(what, options, trainingRules);
}

/**
 * The configuration of a model of ours, with the defaults filled in. `createModel` checks it. Names and
 * colours of the classes are the task's: give `task` to `train`.
 */
export function modelConfig(changes: Partial<BuiltInConfig> = {}): BuiltInConfig {
  checkKeys<Partial<BuiltInConfig>>("modelConfig", changes, MODEL_KEYS);
  const { architecture = DEFAULT_MODEL.architecture } = changes;
  return { ...DEFAULT_MODEL, ...ownDefaults(architecture), ...defined(changes) };
}

/** A training configuration with the defaults filled in. Throws for a value that cannot be. */
export function trainingConfig(changes: Partial<TrainingConfig> = {}): TrainingConfig {
  checkTrainingKeys("trainingConfig", changes);
  const config = { ...DEFAULT_TRAINING, ...defined(changes) };
  const fault = faultIn(trainingRules, config);
  if (fault) throw new Error(fault);
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
