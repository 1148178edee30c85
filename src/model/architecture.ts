// Architectures: kinds of models, as values. What reads a checkpoint needs the one that it is of.

import { kindOf } from "../arguments/numbers.js";
import { shown } from "../arguments/shown.js";
import type { Fields, Model, ModelConfig } from "./model.js";

/**
 * Makes a model of a configuration, and checks configurations that files hold. Ours are a list
 * (architectures.ts); another is passed where a file is read.
 */
export interface Architecture<Own extends Fields = Fields> extends ConfigReader<Own> {
  /** Throws for a configuration that cannot be built, and names the value. */
  build(config: ModelConfig<Own>): Model<Own>;
}

/** What the configurations of an architecture may be, without the code of its network. */
export interface ConfigReader<Own extends Fields = Fields> {
  /** As files name it; unlike that of any other. */
  readonly name: string;
  /** Its own fields where nothing else is said. */
  readonly defaults: Own;
  /**
   * Its own fields, out of what a file holds. Throws one line that names `where`, the field, its value
   * and what was expected.
   */
  read(fields: Fields, where: string): Own;
}

/** The architecture of a name. Throws one line that begins with `where` and lists the known ones. */
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

/** What an error says where a caller can pass more architectures. */
export const IN_MODELS = "; pass the architecture of another in `models`";

/** Throws where something else is in the list of architectures that a caller passes. */
export function checkArchitectures(models: readonly Architecture[]): void {
  for (const one of Array.isArray(models) ? models : [models]) {
    if ([one?.read, one?.build].every((part) => typeof part === "function")) continue;
    throw new Error(
      "models: expected a list of architectures, such as defineArchitecture makes, got " +
        kindOf(one),
    );
  }
}
