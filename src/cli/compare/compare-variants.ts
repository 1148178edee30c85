// The variants of a comparison: the first network again, with other options, to see what each part of the
// recipe contributes.

import { isDeepStrictEqual } from "node:util";
import { Command, Option } from "commander";
import { foldName, windowsProblem } from "../../data/file-names.js";
import { PREDICTION_OPTIONS } from "../../options/prediction-options.js";
import type { RunKind } from "../../train/recipes.js";
import { optionOf } from "../options/add-rows.js";
import { checkRanges } from "../options/parse-numbers.js";
import { resolveRun } from "../train/resolve-run.js";
import { addTrainingOptions, type TrainOptions } from "../train/train-options.js";
import type { Contender } from "./compare-networks.js";

type VariantOptions = TrainOptions & { symmetries?: number };

/** `--variant "name: options"`, once or more. */
export function variantOption(): Option {
  return new Option(
    "--variant <NAME: OPTIONS>",
    "also compare the first network with other train options, or predict --symmetries; can be " +
      'repeated: --variant "no elastic: --elastic none" --variant "mean of 7: --symmetries 7"',
  ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
}

/**
 * The networks, followed by the variants of the first. Variants with equal trainings share one run: one
 * that only predicts differently is not trained again. Throws one line for a variant that cannot be.
 */
export function withVariants(
  contenders: readonly Contender[],
  variants: readonly string[],
  options: TrainOptions,
  kind: RunKind,
): Contender[] {
  const all = [...contenders];
  const [first] = contenders;
  for (const text of variants) {
    const [, name, words] = /^\s*([\w][\w .+@-]*?)\s*:(.*)$/s.exec(text) ?? [];
    if (name === undefined) {
      throw new Error(
        `--variant ${JSON.stringify(text)}: expected a name of letters, digits, spaces and . + -, ` +
          'a colon and options: "no elastic: --elastic none"',
      );
    }
    // It becomes the name of a folder, and many file systems ignore case.
    if (all.some((other) => foldName(other.name) === foldName(name))) {
      throw new Error(`--variant ${JSON.stringify(text)}: ${name} is given twice`);
    }
    const problem = windowsProblem(name);
    if (problem)
      throw new Error(
        `--variant ${JSON.stringify(text)}: the name cannot be a folder's: ${problem}`,
      );
    try {
      const { symmetries = 1, ...own } = parseOptions(words);
      checkRanges(PREDICTION_OPTIONS, { symmetries });
      const resolved = resolveVariant(first, { ...options, ...own }, kind);
      const equal = all.find(({ model, task, training }) =>
        isDeepStrictEqual({ model, task, training }, resolved),
      );
      all.push({ name, run: equal?.run ?? name, ...resolved, symmetries, models: first.models });
    } catch (error) {
      throw new Error(`--variant ${JSON.stringify(text)}: ${(error as Error).message}`);
    }
  }
  return all;
}

function resolveVariant(
  { model: { architecture, depth, channels }, training: { tile }, models }: Contender,
  options: TrainOptions,
  kind: RunKind,
): Pick<Contender, "model" | "task" | "training"> {
  const own = { tile, depth, ...options, model: architecture };
  const { model, task, training } = resolveRun(own, kind, { models });
  return { model: { ...model, channels }, task, training };
}

function parseOptions(words: string): VariantOptions {
  const command = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  addTrainingOptions(command);
  command.addOption(optionOf("symmetries", PREDICTION_OPTIONS.symmetries));
  try {
    command.parse(words.split(/\s+/).filter(Boolean), { from: "user" });
  } catch (error) {
    throw new Error((error as Error).message.replace(/^error: /, "").replace(/\n+/g, " "));
  }
  const { augment, ...options } = command.opts<VariantOptions>();
  for (const key of ["steps", "maxMinutes"] as const) {
    if (options[key] === undefined) continue;
    throw new Error(
      "--steps and --max-minutes apply to the first network and cannot be set for a variant",
    );
  }
  // Commander gives true when --no-augment is not typed.
  return augment === false ? { ...options, augment } : options;
}
