// The configuration that results from the options of `train`.

import { classesOfObjects } from "../../data/object-task.js";
import {
  type ClassFields,
  classFieldsOf,
  type ObjectTask,
  splitTask,
  type Task,
} from "../../data/task.js";
import type { Architecture } from "../../model/architecture.js";
import { createModel, nearestInput } from "../../model/architectures.js";
import {
  type ArchitectureName,
  type BuiltInConfig,
  builtInDefaults,
  ownDefaults,
} from "../../model/built-in.js";
import { type BuiltInFields, withoutDefaults } from "../../model/fields.js";
import type { ModelConfig } from "../../model/model.js";
import type { RunConfig } from "../../node/run-folder.js";
import { flagOf } from "../../options/command-line.js";
import { RUNNING_OPTIONS } from "../../options/command-options.js";
import { MODEL_OPTIONS } from "../../options/network.js";
import type { OptionRow } from "../../options/rules.js";
import { TRAINING_OPTIONS } from "../../options/training.js";
import { unetDefaults } from "../../options/unet-defaults.generated.js";
import { predictedSize } from "../../predict/tile-graph.js";
import { earlierTraining } from "../../train/config.js";
import { INSTANCE_W0, RUN_DEFAULTS, RUN_PRESETS, type RunKind } from "../../train/recipes.js";
import { needsObjects } from "../../train/selection.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { resolveAugmentation } from "../options/augmentation-options.js";
import { labelDeclaration, resolveClasses } from "../options/class-options.js";
import { checkRanges } from "../options/parse-numbers.js";
import { refuseOtherNetwork, type Start } from "./start-from.js";
import type { TrainOptions } from "./train-options.js";

/** A model's configuration except the channels of its images. */
export type Network = Omit<BuiltInConfig, "architecture" | "channels" | keyof Task> & {
  readonly architecture: string;
};

/**
 * Network, task and training of the run: the options, else those of the resumed run or the defaults; a run
 * that starts from a checkpoint has its network. Throws one line for a value that is not allowed.
 */
export function resolveRun(
  options: TrainOptions,
  kind: RunKind,
  {
    resumed,
    start,
    models = [],
  }: {
    readonly resumed?: RunConfig | undefined;
    readonly start?: Start | undefined;
    readonly models?: readonly Architecture[] | undefined;
  } = {},
): { model: Network; task?: Task | undefined; training: TrainingConfig } {
  const typed = (key: string) => options[key as keyof TrainOptions];
  if (resumed && options.preset) {
    throw new Error("--preset: a resumed run keeps its settings; leave it out");
  }
  const defaults = options.preset ? RUN_PRESETS[options.preset] : RUN_DEFAULTS[kind];
  if (start) refuseOtherNetwork(options, start);
  const trained = start && ownNetwork(start.checkpoint.metadata.model, models);
  // Sizes do not depend on them, but the graph of an imported network has no other.
  const channels = (start?.checkpoint.metadata ?? resumed)?.model.channels ?? 1;
  const before = resumed && ownNetwork(resumed.model, models);
  const architecture = options.model ?? (before ?? trained)?.architecture ?? "unet";
  const own = models.find(({ name }) => name === architecture);
  refuseFields(options.field, own);
  const usual = own
    ? { ...own.defaults, classes: defaults.model.classes }
    : { ...defaults.model, ...ownDefaults(architecture as ArchitectureName) };
  const objects = objectsOf(options, kind, resumed);
  const classes = objects ? classesOfObjects(objects.kind) : usual.classes;
  const { objects: _before, ...fields } = resumed
    ? { ...resumed.task }
    : withBorderNames(resolveClasses(options, classes), objects);
  const known = {
    ...(own ? {} : unetDefaults),
    ...(before ?? { ...usual, ...trained, classes }),
    ...options.field,
  };
  const chosen = { ...overlay(known, typed), architecture, ...fields } as Network;
  const { model, task } = splitTask<Network>(own ? chosen : withoutDefaults(chosen), { objects });
  // A preset has a weight of its own; a border class needs none.
  const w0 = objects?.kind === "gap" ? INSTANCE_W0 : 0;
  const weights = objects && !options.preset ? { w0 } : {};
  const planned = resumed ? earlierTraining(resumed.config) : { ...defaults.training, ...weights };
  const training = overlay(planned, typed);
  training.augmentation = resolveAugmentation(options, planned.augmentation);
  checkRanges(own ? { classes: MODEL_OPTIONS.classes } : MODEL_OPTIONS, model);
  checkRanges(TRAINING_OPTIONS, training);
  labelDeclaration(options, classFieldsOf({ model, task }));
  checkRanges(RUNNING_OPTIONS, options);
  if (resumed) refuseChanges(resumed, model, training, own);
  if (!resumed && options.tile === undefined) {
    training.tile = nearestTile(training.tile, model, models, channels);
  }
  checkTile("--tile", training.tile, model, { models, channels });
  if (training.best === "ap50" && !objects) {
    throw new Error(
      "--best ap50: evaluates single cells; give --instances, for labels with one number per cell",
    );
  }
  if (needsObjects(training.best) && model.classes !== 2) {
    throw new Error(`--best ${training.best}: needs two classes, got --classes ${model.classes}`);
  }
  if (training.schedule === "cosine-time" && training.maxMinutes === undefined) {
    throw new Error("--schedule cosine-time: follows the time limit; give --max-minutes too");
  }
  return { model, task, training };
}

/** How single cells are trained, if the labels hold them. A resumed run keeps what it began with. */
function objectsOf(
  options: TrainOptions,
  kind: RunKind,
  resumed: RunConfig | undefined,
): ObjectTask | undefined {
  const before = resumed?.task?.objects;
  if (resumed) {
    if (options.objects === undefined || options.objects === before?.kind) return before;
    throw new Error(
      `--objects ${options.objects}: the resumed run has ${before?.kind ?? "no single cells"}: it ` +
        "cannot change within a run",
    );
  }
  if (kind === "data" && !options.instances && options.objects === undefined) return undefined;
  if (kind !== "sample") return { kind: options.objects ?? "gap" };
  if (options.objects === undefined) return undefined;
  throw new Error(
    `--objects ${options.objects}: the embedded sample has no single cells: give your own data, or ` +
      "--sample nuclei",
  );
}

/** Names the border class, unless the user has named the classes. */
function withBorderNames(fields: ClassFields, objects: ObjectTask | undefined): ClassFields {
  if (objects?.kind !== "border" || fields.classNames) return fields;
  return { ...fields, classNames: ["background", "cell", "border"] };
}

/** The network of one of our files. */
function ownNetwork(model: ModelConfig, models: readonly Architecture[]): Network {
  const { architecture } = model;
  const known = models.find(({ name }) => name === architecture)?.defaults;
  const keys = Object.keys(known ?? builtInDefaults(architecture as ArchitectureName));
  const own = keys.map((key) => [key, model[key]]);
  return { architecture, classes: model.classes, ...(Object.fromEntries(own) as BuiltInFields) };
}

/** The tile size nearest to a default that a network can take. */
export function nearestTile(
  tile: number,
  network: Network | ModelConfig,
  models?: readonly Architecture[],
  channels = 1,
): number {
  return nearestInput(createModel({ ...network, channels }, models), tile);
}

/** Throws one line for a field that the architecture does not have. */
function refuseFields(fields: TrainOptions["field"] = {}, own: Architecture | undefined): void {
  const unknown = Object.keys(fields).find((key) => !own || !(key in own.defaults));
  if (unknown === undefined) return;
  const known = own ? Object.keys(own.defaults).join(", ") || "none" : undefined;
  throw new Error(
    known
      ? `--field ${unknown}: ${own?.name} has no such field, it has ${known}`
      : `--field ${unknown}: it is for an architecture of your own; give its file by --model`,
  );
}

/**
 * Throws if `tile` is not a valid input of a network, and names the nearest that are; for prediction also
 * if nothing is left of its output.
 */
export function checkTile(
  option: string,
  tile: number,
  network: Network | ModelConfig,
  {
    use = "training",
    models,
    channels = 1,
  }: {
    readonly use?: "training" | "prediction";
    readonly models?: readonly Architecture[] | undefined;
    readonly channels?: number;
  } = {},
): void {
  const model = createModel({ ...network, channels }, models);
  try {
    if (use === "prediction") predictedSize(model, tile);
    else model.outputSize(tile);
  } catch (error) {
    throw new Error(`${option}: ${(error as Error).message}`);
  }
}

const FIXED = [
  "model",
  ...Object.entries<OptionRow<unknown>>({ ...MODEL_OPTIONS, ...TRAINING_OPTIONS })
    .filter(([, row]) => row.isFixed)
    .map(([key]) => key),
];

/** What cannot change within a run: parameters, optimiser state, random numbers. */
function refuseChanges(
  resumed: RunConfig,
  model: Network,
  training: TrainingConfig,
  own: Architecture | undefined,
): void {
  const before: Record<string, unknown> = {
    ...unetDefaults,
    ...resumed.model,
    ...earlierTraining(resumed.config),
    model: resumed.model.architecture,
  };
  const now: Record<string, unknown> = {
    ...unetDefaults,
    ...model,
    ...training,
    model: model.architecture,
  };
  for (const key of new Set([...FIXED, ...Object.keys(own?.defaults ?? {})])) {
    if (before[key] === now[key]) continue;
    throw new Error(
      `${flagOf(key)}: the resumed run has ${before[key]}, got ${now[key]}: it cannot change within a run`,
    );
  }
}

function overlay<T extends object>(base: T, typed: (key: string) => unknown) {
  const result = { ...base } as { -readonly [K in keyof T]: T[K] };
  for (const key of Object.keys(base) as (keyof T & string)[]) {
    const value = typed(key);
    if (value !== undefined) result[key] = value as T[typeof key];
  }
  return result;
}
