// `--model FILE.js`: a module with architectures of the user's own. It is code that runs with the
// user's rights, so only a file that the user names is loaded, never one that a run or checkpoint names.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InvalidArgumentError, Option } from "commander";
import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import { ARCHITECTURE_NAMES, isArchitecture } from "../../model/built-in.js";
import type { Model, ModelConfig } from "../../model/model.js";

export const isModelFile = (name: string) => /\.[cm]?[jt]s$/.test(name);

/** Checks a value of `--model`: the name of a network, or a module. */
export function parseModel(value: string): string {
  if (isArchitecture(value) || isModelFile(value)) return value;
  throw new InvalidArgumentError(
    `Allowed choices are ${ARCHITECTURE_NAMES.join(", ")}, or a module such as ./my-unet.js.`,
  );
}

/** `--field NAME=VALUE`: a field of an architecture of one's own, added to those before. */
export function parseField(value: string, before: Fields = {}): Fields {
  const [, name, text] = /^(\w+)=(.*)$/.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError("Expected NAME=VALUE.");
  const number = Number(text);
  const isNumber = text.trim() !== "" && !Number.isNaN(number);
  const words: Fields = { true: true, false: false };
  return { ...before, [name]: isNumber ? number : (words[text] ?? text) };
}

type Fields = { readonly [name: string]: number | string | boolean };

/** `--model` of a command that reads a checkpoint. */
export function ownModelOption(): Option {
  return new Option(
    "--model <FILE>",
    "module with the architecture of the checkpoint, if it is one of your own: ./my-unet.js",
  );
}

/**
 * Loads the architectures that a module exports, or none if `model` is not a file. Throws one line
 * if it cannot be loaded or has none.
 */
export async function ownModels(model: string | undefined): Promise<Architecture[]> {
  if (model === undefined || !isModelFile(model)) return [];
  const path = resolve(model);
  if (!existsSync(path)) throw new Error(`--model ${model}: there is no such file`);
  let exported: Record<string, unknown>;
  try {
    exported = await import(pathToFileURL(path).href);
  } catch (error) {
    const [line] = String((error as Error)?.message ?? error).split("\n");
    throw new Error(`--model ${model}: the module cannot be loaded: ${line}`);
  }
  const found = [...new Set(Object.values(exported))].filter(isOwn);
  if (found.length > 0) return found;
  const names = Object.keys(exported).join(", ") || "nothing";
  throw new Error(
    `--model ${model}: it exports ${names}, expected an architecture that defineArchitecture made`,
  );
}

/** The options with the name of the one architecture of a module instead of its file. */
export async function withOwnModel<Options extends { readonly model?: string }>(
  options: Options,
): Promise<{ options: Options; models: readonly Architecture[] }> {
  const models = await ownModels(options.model);
  if (models.length === 0) return { options, models };
  return { options: { ...options, model: theModel(options.model as string, models).name }, models };
}

/** Throws one line if the module has several architectures: a new run needs one. */
export function theModel(model: string, models: readonly Architecture[]): Architecture {
  if (models.length === 1) return models[0];
  const names = models.map(({ name }) => name).join(", ");
  throw new Error(`--model ${model}: it exports several architectures (${names}), expected one`);
}

/** The network of a configuration: a model if its architecture is the user's. */
export function networkOf(
  config: ModelConfig,
  models: readonly Architecture[],
): ModelConfig | Model {
  return models.some(({ name }) => name === config.architecture)
    ? createModel(config, models)
    : config;
}

function isOwn(value: unknown): value is Architecture {
  const one = value as Partial<Architecture> | undefined;
  return typeof one?.build === "function" && typeof one.read === "function";
}
