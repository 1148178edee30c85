// `train --from`: a new run whose network and first weights are a checkpoint's.

import { findCheckpoint, loadCheckpoint } from "../../node/checkpoint.js";
import { weightsDigest } from "../../node/digest.js";
import type { RunConfig } from "../../node/run-folder.js";
import { checkWeights } from "../../train/fine-tune.js";
import { newLayerRemarks } from "../../train/new-layers.js";
import type { Checkpoint } from "../../train/training-types.js";
import type { TrainOptions } from "./train-options.js";

/** A checkpoint that a run starts from. */
export interface Start {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Reads the checkpoint that `--from` names: a file, or a run folder, whose best one is meant. Throws
 * one line where a file is missing or damaged or a weight is missing or misshapen.
 */
export async function readStart(place: string): Promise<Start> {
  const path = findCheckpoint(place);
  const checkpoint = await loadCheckpoint(path);
  try {
    await checkWeights(checkpoint);
  } catch (error) {
    throw new Error(`${path}: it cannot be started from: ${(error as Error).message}`);
  }
  return { path, checkpoint };
}

/** Throws one line where an option asks for another network than the checkpoint's. */
export function refuseOtherNetwork(options: TrainOptions, { path, checkpoint }: Start): void {
  const { architecture, base, depth } = checkpoint.metadata.model;
  for (const [key, has] of Object.entries({ model: architecture, base, depth })) {
    const got = options[key as "model" | "base" | "depth"];
    if (got === undefined || got === has) continue;
    throw new Error(
      `--${key} ${got}: the network of ${path} has ${has}: leave out --${key}, or --from`,
    );
  }
}

/**
 * The options with what the checkpoint says of its classes where nothing was typed: their number, and
 * where the run has as many, names, colours and the ignored value.
 */
export function withClassesOf(options: TrainOptions, { checkpoint }: Start): TrainOptions {
  const { model, task, ignore } = checkpoint.metadata;
  const { classNames, classColours } = options;
  const typed = options.classes ?? classNames?.length ?? classColours?.length;
  if (typed !== undefined && typed !== model.classes) return options;
  return defined({
    ...options,
    classes: model.classes,
    classNames: classNames ?? task?.classNames,
    classColours: classColours ?? task?.classColours,
    ignore: options.ignore ?? ignore,
  });
}

/**
 * The options with what the checkpoint says of reading labels: the ignored value; and its classes
 * where labels may be pictures in their colours. Else the labels say how many classes there are.
 */
export function withReadingOf(options: TrainOptions, start: Start): TrainOptions {
  const { task, ignore } = start.checkpoint.metadata;
  if (task?.classColours) return withClassesOf(options, start);
  return defined({ ...options, ignore: options.ignore ?? ignore });
}

/** What a person is told of the start of a run that ignores a value; `typed` are the options as given. */
export function startLines(
  { path, checkpoint }: Start,
  ignore: TrainOptions["ignore"],
  typed: TrainOptions,
  { model, task }: Pick<RunConfig, "model" | "task">,
): string[] {
  const { progress, ...before } = checkpoint.metadata;
  const step = progress ? ` at step ${progress.step}` : "";
  const remarks = newLayerRemarks({ ...before.model, ...before.task }, { ...model, ...task });
  const lines = [`Starting from the weights of ${path}${step}.`, ...remarks];
  if (task?.classNames && before.task?.classNames && !typed.classNames) {
    lines.push(`Classes as in the checkpoint: ${task.classNames.join(", ")}.`);
  }
  if (ignore !== undefined && typed.ignore === undefined) {
    lines.push(`Ignored, as in the labels that the network was trained on: ${ignore}.`);
  }
  return lines;
}

/** The same error; where the ignored value is the checkpoint's, which nobody typed, it is told too. */
export function withIgnoredTold(
  error: unknown,
  { path }: Start,
  { ignore }: TrainOptions,
  typed: TrainOptions,
): unknown {
  if (ignore === undefined || typed.ignore !== undefined || !(error instanceof Error)) return error;
  const told =
    `${ignore} is ignored, as in the labels that ${path} was trained on: where it is a class here, ` +
    "give another value by --ignore";
  return new Error(`${error.message}; ${told}`, { cause: error });
}

/** For `config.json`. */
export function startRecord({ path, checkpoint }: Start): RunConfig["from"] {
  return { checkpoint: path, weights: weightsDigest(checkpoint) };
}

/** Without the keys that say nothing. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
