// The options of `train` that belong to the recipe around the updates of the weights.

import { type Command, Option } from "commander";
import { DEFAULT_TRAINING } from "../../train/config.js";
import { SELECTIONS } from "../../train/selection.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { parseNumber } from "./numbers.js";

export type RecipeOptions = Partial<
  Pick<TrainingConfig, "accumulate" | "clipNorm" | "weightDecay" | "ema" | "best" | "patience">
>;

export function addRecipeOptions(command: Command): void {
  const number = (flags: string, key: keyof RecipeOptions, text: string) =>
    command.addOption(
      new Option(flags, `${text} (default: ${DEFAULT_TRAINING[key]})`).argParser(parseNumber),
    );
  command.optionsGroup("Recipe:");
  number("--accumulate <N>", "accumulate", "batches a step: a large batch in little memory");
  number("--clip-norm <X>", "clipNorm", "largest norm of all gradients together; 0 for any");
  number("--weight-decay <X>", "weightDecay", "decay of the weights, times the learning rate");
  number("--ema <X>", "ema", "decay of a moving average of the weights, such as 0.999; 0 for none");
  command.addOption(
    new Option(
      "--best <FIGURE>",
      `the figure on held-out images that chooses best.safetensors (default: ${DEFAULT_TRAINING.best})`,
    ).choices(SELECTIONS),
  );
  number("--patience <N>", "patience", "end after so many validations without a better; 0: never");
}
