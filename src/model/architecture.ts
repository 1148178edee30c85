// Architectures: kinds of models, as values. Reading a checkpoint requires its architecture.

import { kindOf } from "../arguments/numbers.js";
import { shown } from "../arguments/shown.js";
import type { Fields, Model, ModelConfig } from "./model.js";

/**
 * Builds models from configurations, and checks configurations read from files. The built-in ones
 * are listed in architectures.ts; others are passed to functions that read files.
 */
export interface Architecture<Own extends Fields = Fields> extends ConfigReader<Own> {
  /** Builds a model. Throws for an invalid configuration, and names the value. */
  build(config: ModelConfig<Own>): Model<Own>;
}

/** Checks the configurations of an architecture, without the code of its network. */
export interface ConfigReader<Own extends Fields = Fields> {
  /** The name in files, which must be unique. */
  readonly name: string;
  /** The defaults of its own fields. */
  readonly defaults: Own;
  /**
   * Reads its own fields from the contents of a file. Throws one line with `where`, the field, its
   * value and what was expected.
   */
  read(fields: Fields, where: string): Own;
}

/**
 * Finds an architecture by name. Throws one line that begins with `where` and lists the known ones.
 */
export function findArchitecture<One extends { readonly name: string }>(
  known: readonly One[],
  name: unknown,
  where: string,
  hint = "",
): One {
  const found = known.find((one) => one.name === name);
  if (found) return found;
  throw new Error(
    `${where}: the model's architecture is ${shown(name)}, expected ` +
      `${known.map((one) => one.name).join(", ")}${hint}`,
  );
}

/** Ends errors if the caller can pass more architectures. */
export const IN_MODELS =
  "; pass other architectures in `models`, on the command line by --model FILE.js";

/** Throws if the caller's list of architectures contains anything else. */
export function checkArchitectures(models: readonly Architecture[]): void {
  for (const one of Array.isArray(models) ? models : [models]) {
    if ([one?.read, one?.build].every((part) => typeof part === "function")) continue;
    throw new Error(
      "models: expected a list of architectures, such as defineArchitecture makes, got " +
        kindOf(one),
    );
  }
}
