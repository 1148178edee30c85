// The string map in the header of a checkpoint file: encoding, and decoding with a check of every
// field.

import { parseJson } from "../arguments/json.js";
import { shown } from "../arguments/shown.js";
import { checkNormalisation } from "../data/check-normalisation.js";
import { checkClasses, parseColour } from "../data/classes.js";
import { checkObjects } from "../data/object-task.js";
import { splitTask, type Task } from "../data/task.js";
import type { Architecture } from "../model/architecture.js";
import { readConfig } from "../model/read-config.js";
import type {
  CheckpointMetadata,
  ModelConfig,
  TrainingConfig,
  ValidationFigures,
} from "./training-types.js";

/**
 * Version of a checkpoint's names, shapes and metadata; newer versions are refused. Version 2 added
 * `task`, which version 1 had in `model`. A checkpoint without a task is written as version 1,
 * which all readers can read.
 */
export const CHECKPOINT_VERSION = 2;

/** Encodes metadata as strings, the only values that safetensors allows, with sorted keys. */
export function encodeMetadata(metadata: CheckpointMetadata): Record<string, string> {
  const { model, task } = splitTask(metadata.model, metadata.task);
  const strings: Record<string, string> = {
    micrograph: task ? "2" : "1",
    model: canonicalJson(model),
    normalisation: canonicalJson(metadata.normalisation),
  };
  if (task) strings.task = canonicalJson(task);
  if (metadata.ignore !== undefined) strings.ignore = String(metadata.ignore);
  if (metadata.progress) strings.progress = canonicalJson(metadata.progress);
  if (metadata.training) strings.training = canonicalJson(metadata.training);
  return strings;
}

/** Decodes and checks the metadata of a checkpoint file; `value` is that of `__metadata__`. */
export function decodeMetadata(
  value: unknown,
  fileName: string,
  models?: readonly Architecture[],
): CheckpointMetadata {
  const strings = isRecord(value) ? value : {};
  if (typeof strings.micrograph !== "string") {
    throw new Error(
      `${fileName}: a safetensors file of another program: its metadata has no "micrograph"`,
    );
  }
  const version = Number(strings.micrograph);
  if (!(Number.isInteger(version) && version >= 1)) {
    throw new Error(
      `${fileName}: damaged: format version ${shown(strings.micrograph)}, expected 1 or 2`,
    );
  }
  if (version > CHECKPOINT_VERSION) {
    throw new Error(
      `${fileName}: written by a newer micrograph (format ${version}; this one reads up to ` +
        `${CHECKPOINT_VERSION}): update micrograph`,
    );
  }
  const parse = (key: string) => parseObject(strings[key], key, fileName);
  const stored = strings.task === undefined ? undefined : parse("task");
  const { model, ...task } = readModel(parse("model"), stored, fileName, models);
  const normalisation = parse("normalisation");
  return {
    model,
    ...task,
    normalisation: checkNormalisation(normalisation, model.channels, fileName),
    ...(strings.training === undefined ? {} : { training: checkTraining(parse, fileName) }),
    ...(strings.ignore === undefined ? {} : { ignore: checkIgnore(strings.ignore, fileName) }),
    ...(strings.progress === undefined ? {} : { progress: checkProgress(parse, fileName) }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads a model's configuration and its task from a file. Throws one line if a value is damaged.
 */
export function readModel(
  fields: Fields,
  task: Fields | undefined,
  fileName: string,
  models?: readonly Architecture[],
): { readonly model: ModelConfig; readonly task?: Task } {
  const stored = splitTask(fields, task);
  const model = readConfig(stored.model, fileName, models);
  try {
    checkClasses({ ...stored.task, classes: model.classes });
    checkObjects(stored.task?.objects, model.classes);
  } catch (error) {
    throw new Error(`${fileName}: damaged: ${(error as Error).message}`);
  }
  return { ...stored, model };
}

function checkTraining(parse: (key: string) => Fields, fileName: string): TrainingConfig {
  const fields = parse("training");
  const numbers = ["tile", "batch", "steps", "learningRate", "momentum", "seed"];
  for (const name of numbers) {
    if (typeof fields[name] !== "number") {
      const got = shown(fields[name]);
      throw new Error(`${fileName}: damaged: training.${name} is ${got}, expected a number`);
    }
  }
  return fields as unknown as TrainingConfig;
}

function checkIgnore(text: unknown, fileName: string): number | string {
  if (typeof text === "string" && parseColour(text)) return text;
  if (typeof text === "string" && /^\d+$/.test(text)) return Number(text);
  throw new Error(
    `${fileName}: damaged: the ignored pixels are ${shown(text)}, expected a whole number ` +
      "from 0 or a colour such as #ff00ff",
  );
}

function checkProgress(parse: (key: string) => Fields, fileName: string) {
  const { step, best, share } = parse("progress");
  if (!(Number.isSafeInteger(step) && (step as number) >= 0)) {
    const got = shown(step);
    throw new Error(`${fileName}: damaged: the step is ${got}, expected a whole number from 0`);
  }
  if (share !== undefined && !(typeof share === "number" && share >= 0 && share <= 1)) {
    const got = shown(share);
    throw new Error(`${fileName}: damaged: the share of the schedule is ${got}, expected 0 to 1`);
  }
  return {
    step: step as number,
    best: isRecord(best) ? restoreFigures(best) : undefined,
    ...(share === undefined ? {} : { share }),
  };
}

/** JSON has no NaN: it is written as null, and null is read as NaN. */
function restoreFigures(best: Fields): { step: number } & ValidationFigures {
  const number = (value: unknown) => (typeof value === "number" ? value : Number.NaN);
  const more = Object.entries(best).filter(([, value]) => typeof value === "number");
  const { metrics } = best;
  const own =
    isRecord(metrics) && Object.entries(metrics).map(([name, one]) => [name, number(one)]);
  return {
    ...Object.fromEntries(more),
    ...(own ? { metrics: Object.fromEntries(own) } : {}),
    step: number(best.step),
    loss: number(best.loss),
    wrongPixels: number(best.wrongPixels),
  };
}

function parseObject(text: unknown, key: string, fileName: string): Fields {
  try {
    const value = parseJson(String(text));
    if (isRecord(value)) return value;
  } catch {
    // reported below, with the file's name
  }
  throw new Error(`${fileName}: damaged: its metadata "${key}" is not a JSON object`);
}

/** JSON with sorted keys: equal values give equal text, regardless of the order of their keys. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    isRecord(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
