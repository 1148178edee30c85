// Defaults and checks of a run's configuration.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { AUGMENTATIONS, augmentationConfig } from "../data/augmentation-config.js";
import type { Task } from "../data/task.js";
import { type BuiltInConfig, ownDefaults } from "../model/built-in.js";
import { type UNetVariant, withoutDefaults } from "../model/fields.js";
import { networkRules } from "../options/network-rules.generated.js";
import { defaultsOf, faultIn } from "../options/rules.js";
import { trainingRules } from "../options/training-rules.generated.js";
import { unetDefaults } from "../options/unet-defaults.generated.js";
import type { TrainingConfig } from "./training-types.js";

/** The default model of a run: the paper's depth with a quarter of its width. */
export const DEFAULT_MODEL: BuiltInConfig = { architecture: "unet", ...defaultsOf(networkRules) };

/** The default training of a run. */
export const DEFAULT_TRAINING: TrainingConfig = {
  ...defaultsOf(trainingRules),
  augmentation: AUGMENTATIONS.paper,
};

/** The keys of everything that describes a network. */
const MODEL_KEYS: Keys<BuiltInConfig & Omit<Task, "objects">> = {
  architecture: 1,
  ...networkRules,
  ...(unetDefaults as object as Keys<UNetVariant>),
  classNames: 1,
  classColours: 1,
};

/** Throws for a key that is not a training option. */
export function checkTrainingKeys(what: string, options: Partial<TrainingConfig>): void {
  checkKeys(what, options, trainingRules);
}

/**
 * Returns the configuration of a built-in model with defaults filled in. `createModel` checks it.
 * Names and colours of the classes belong to the task: pass `task` to `train`.
 */
export function modelConfig(changes: Partial<BuiltInConfig> = {}): BuiltInConfig {
  checkKeys<Partial<BuiltInConfig>>("modelConfig", changes, MODEL_KEYS);
  const { architecture = DEFAULT_MODEL.architecture } = changes;
  return withoutDefaults({
    ...DEFAULT_MODEL,
    ...ownDefaults(architecture),
    ...defined(changes),
  });
}

/** Returns a training configuration with defaults filled in. Throws for an invalid value. */
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
 * Returns the training of a run that an earlier version may have started: options that did not
 * exist then get the values that correspond to the behaviour of that version.
 */
export function earlierTraining(
  fields: Partial<TrainingConfig> & { readonly augment?: boolean },
): TrainingConfig {
  const { augment = true, ...config } = fields;
  const augmentation = augment ? AUGMENTATIONS.flips : AUGMENTATIONS.none;
  return { ...DEFAULT_TRAINING, augmentation, ...config };
}

/** Removes keys whose value is undefined, so that they do not override a default. */
function defined<T extends object>(changes: T): T {
  return Object.fromEntries(
    Object.entries(changes).filter(([, value]) => value !== undefined),
  ) as T;
}
