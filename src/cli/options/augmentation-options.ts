// The augmentation options: of `train`, and of `gallery`, which shows their effect.

import type { Command } from "commander";
import {
  AUGMENTATIONS,
  type Augmentation,
  type AugmentationName,
} from "../../data/augmentation-config.js";
import { AUGMENTATION_OPTIONS } from "../../options/augmentation.js";
import { flagOf } from "../../options/command-line.js";
import type { OptionRow } from "../../options/rules.js";
import { TRAINING_OPTIONS } from "../../options/training.js";
import { RUN_DEFAULTS } from "../../train/recipes.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { optionOf } from "./add-rows.js";
import { checkRanges } from "./parse-numbers.js";

export type AugmentationOptions = Partial<Augmentation> & {
  augmentation?: AugmentationName;
  /** False by --no-augment, else true. */
  augment?: boolean;
};

export function addAugmentationOptions(command: Command): void {
  command.optionsGroup("Augmentation:");
  const { sample, data } = RUN_DEFAULTS;
  const usual = `default: ${nameOf(data.training)}; sample: ${nameOf(sample.training)}`;
  command.addOption(
    optionOf("augmentation", TRAINING_OPTIONS.augmentation, () => usual).choices(
      Object.keys(AUGMENTATIONS),
    ),
  );
  command.option("--no-augment", "the same as --augmentation none");
  for (const [key, row] of Object.entries<OptionRow<unknown>>(AUGMENTATION_OPTIONS)) {
    const isSwitch = typeof row.default === "boolean";
    const paper = AUGMENTATIONS.paper[key as keyof Augmentation];
    command.addOption(optionOf(key, row, () => (isSwitch ? undefined : `paper: ${paper}`)));
    if (isSwitch) command.option(flagOf(`no-${key}`));
  }
}

/** The name of a run's augmentation. */
function nameOf({ augmentation }: TrainingConfig): string | undefined {
  const names = Object.keys(AUGMENTATIONS) as AugmentationName[];
  return names.find((name) => AUGMENTATIONS[name] === augmentation);
}

/** The options applied to the named augmentation, else to `base`. Throws one line. */
export function resolveAugmentation(
  options: AugmentationOptions,
  base: Augmentation,
): Augmentation {
  if (options.augment === false && options.augmentation !== undefined) {
    throw new Error("--no-augment means --augmentation none; give only one of the two");
  }
  const name = options.augment === false ? "none" : options.augmentation;
  const result = { ...(name ? AUGMENTATIONS[name] : base) } as Record<string, unknown>;
  for (const key of Object.keys(result)) {
    const value = options[key as keyof Augmentation];
    if (value === undefined) continue;
    result[key] = value;
  }
  checkRanges(AUGMENTATION_OPTIONS, options);
  return result as unknown as Augmentation;
}
