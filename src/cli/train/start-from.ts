// `train --from`: a new run with the network and weights of a checkpoint.

import type { Architecture } from "../../model/architecture.js";
import type { UNetVariant } from "../../model/fields.js";
import { findCheckpoint, loadCheckpoint } from "../../node/checkpoint.js";
import { weightsDigest } from "../../node/digest.js";
import type { RunConfig } from "../../node/run-folder.js";
import { flagOf } from "../../options/command-line.js";
import { unetDefaults } from "../../options/unet-defaults.generated.js";
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
 * Reads the checkpoint that `--from` names: a file, or a run folder, whose best checkpoint is used. Throws
 * one line if a file is missing or damaged, or if a weight is missing or has the wrong shape.
 */
export async function readStart(
  place: string,
  models: readonly Architecture[] = [],
): Promise<Start> {
  const path = findCheckpoint(place);
  const checkpoint = await loadCheckpoint(path, { models });
  try {
    await checkWeights(checkpoint);
  } catch (error) {
    throw new Error(`${path}: cannot start from it: ${(error as Error).message}`);
  }
  return { path, checkpoint };
}

/** Throws one line if an option asks for another network than the checkpoint's. */
export function refuseOtherNetwork(options: TrainOptions, { path, checkpoint }: Start): void {
  const { architecture, base, depth, ...own } = checkpoint.metadata.model;
  const { classes = own.classes } = options;
  refuseOtherLayers({ path, checkpoint }, { channels: own.channels, classes });
  const variant = Object.keys(unetDefaults).map((key) => [
    key,
    own[key] ?? unetDefaults[key as keyof UNetVariant],
  ]);
  const network = { model: architecture, base, depth, ...Object.fromEntries(variant) };
  for (const [key, has] of Object.entries<unknown>(network)) {
    const got = options[key as keyof UNetVariant | "model" | "base" | "depth"];
    if (got === undefined || got === has) continue;
    throw new Error(
      `${flagOf(key)} ${got}: the network of ${path} has ${has}: leave out ${flagOf(key)}, or --from`,
    );
  }
}

/** Throws one line if an imported network would need other layers: its graph has no others. */
export function refuseOtherLayers(
  { path, checkpoint }: Start,
  { channels, classes }: { readonly channels: number; readonly classes: number },
): void {
  const { model } = checkpoint.metadata;
  if (!("graph" in model)) return;
  for (const [what, has, got] of [
    ["channels", model.channels, channels],
    ["classes", model.classes, classes],
  ] as const) {
    if (has === got) continue;
    throw new Error(
      `${path}: its network has ${has} ${what}, but the data have ${got}: the layers of an imported network stay as they are`,
    );
  }
}

/**
 * The options, completed by the checkpoint's classes: their number and, if the run has as many, their
 * names, colours and the ignored value.
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
 * The options, completed by how the checkpoint's labels were read: the ignored value, and its classes if
 * labels may be RGB images in their colours. Otherwise the labels determine the number of classes.
 */
export function withReadingOf(options: TrainOptions, start: Start): TrainOptions {
  const { task, ignore } = start.checkpoint.metadata;
  if (task?.classColours) return withClassesOf(options, start);
  return defined({ ...options, ignore: options.ignore ?? ignore });
}

/** What is printed at the start of a run from a checkpoint; `typed` are the options as given. */
export function startLines(
  { path, checkpoint }: Start,
  ignore: TrainOptions["ignore"],
  typed: TrainOptions,
  { model, task }: Pick<RunConfig, "model" | "task">,
): string[] {
  const { progress, ...before } = checkpoint.metadata;
  const step = progress ? ` at step ${progress.step}` : "";
  const remarks = newLayerRemarks(
    { ...before.model, ...before.task },
    { ...model, ...task },
    checkpoint.models,
  );
  const lines = [`Starting from the weights of ${path}${step}.`, ...remarks];
  if (task?.classNames && before.task?.classNames && !typed.classNames) {
    lines.push(`Classes as in the checkpoint: ${task.classNames.join(", ")}.`);
  }
  if (ignore !== undefined && typed.ignore === undefined) {
    lines.push(`Ignored, as in the network's training labels: ${ignore}.`);
  }
  return lines;
}

/** The same error, with a hint if the ignored value comes from the checkpoint and not from an option. */
export function withIgnoredTold(
  error: unknown,
  { path }: Start,
  { ignore }: TrainOptions,
  typed: TrainOptions,
): unknown {
  if (ignore === undefined || typed.ignore !== undefined || !(error instanceof Error)) return error;
  const told =
    `${ignore} is ignored, as in the training labels of ${path}: if it is a class here, ` +
    "set another value by --ignore";
  return new Error(`${error.message}; ${told}`, { cause: error });
}

/** For `config.json`. */
export function startRecord({ path, checkpoint }: Start): RunConfig["from"] {
  return { checkpoint: path, weights: weightsDigest(checkpoint) };
}

/** Without the keys whose value is undefined. */
function defined<T extends object>(fields: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}
