// The options of `train`: their words in the help, and the configuration that they amount to.

import { type Command, Option } from "commander";
import { ARCHITECTURE_NAMES, architectureDefaults } from "../model/architecture-names.js";
import { createModel, nearestInput } from "../model/architectures.js";
import type { ArchitectureName } from "../model/model.js";
import type { RunConfig } from "../node/run-folder.js";
import { earlierTraining, PRECISIONS } from "../train/config.js";
import { predictedSize } from "../train/predict.js";
import { SCHEDULES, type ScheduleName } from "../train/schedule.js";
import type { ModelConfig, Precision, TrainingConfig } from "../train/types.js";
import {
  type AugmentationOptions,
  addAugmentationOptions,
  resolveAugmentation,
} from "./augmentation-options.js";
import { DEFAULTS } from "./defaults.js";
import { kebab } from "./format.js";
import { checkNumber, parseNumber } from "./numbers.js";
import { PRESETS, type PresetName } from "./presets.js";
import { addRecipeOptions, type RecipeOptions } from "./recipe-options.js";

export interface TrainOptions extends AugmentationOptions, RecipeOptions {
  images?: string;
  labels?: string;
  validation?: string;
  ignore?: number;
  output?: string;
  name?: string;
  resume?: string;
  preset?: PresetName;
  json?: boolean;
  profile?: boolean;
  workers?: number;
  tune?: boolean;
  recompute?: boolean;
  precision?: Precision;
  model?: ArchitectureName;
  base?: number;
  depth?: number;
  classes?: number;
  dropout?: number;
  tile?: number;
  tileStride?: number;
  batch?: number;
  steps?: number;
  maxMinutes?: number;
  learningRate?: number;
  schedule?: ScheduleName;
  warmup?: number;
  decayEvery?: number;
  decayFactor?: number;
  momentum?: number;
  optimizer?: "sgd" | "adam";
  seed?: number;
  validateEvery?: number;
  classWeights?: "balanced" | "equal";
  w0?: number;
  sigma?: number;
}

/** Adds the options to the command, in groups. */
export function addTrainOptions(command: Command): void {
  addDataOptions(command);
  command.optionsGroup("Network:");
  command.addOption(modelOption());
  addTrainingOptions(command);
  command.optionsGroup("Run:");
  command.option("-o, --output <DIR>", "run folder (default: runs/<date>-<name>)");
  command.option("--name <NAME>", "name of the run (default: that of the data)");
  command.option("--resume <RUN_FOLDER>", "go on with a run that was stopped");
  command.option("--tune", "first find the fastest kernels for layers that have not been tuned");
  command.option("--profile", "time ten steps kernel by kernel: profile.json, profile.csv");
  command.option("--json", "print the result as JSON; progress goes to standard error");
}

const numberOption = (command: Command) => (flags: string, text: string) =>
  command.addOption(new Option(flags, text).argParser(parseNumber));

/** The default of the embedded sample beside that of data, where they differ. */
function defaultText(sample: unknown, data: unknown): string {
  return sample === data ? `(default: ${data})` : `(default: ${data}; sample: ${sample})`;
}

const modelDefault = (key: "base" | "depth" | "classes" | "dropout") =>
  defaultText(DEFAULTS.sample.model[key], DEFAULTS.data.model[key]);

/** Which images, which labels, which of them are held out. */
export function addDataOptions(command: Command): void {
  const number = numberOption(command);
  command.optionsGroup("Data:");
  command.option("--images <DIR>", "folder of PNG or TIFF images, or a TIFF stack");
  command.option(
    "--labels <DIR>",
    "folder of labels or a stack, paired with the images by name or page",
  );
  command.option(
    "--validation <NAMES>",
    "held-out images: names without .png, by commas, or a pattern (default: the last fifth)",
  );
  number(
    "--classes <N>",
    `number of classes; 2: black membrane, white cell ${modelDefault("classes")}`,
  );
  number("--ignore <VALUE>", "the labels' value of pixels that nobody labelled: left out");
}

/** Sizes of a network, and how it is trained. */
export function addTrainingOptions(command: Command): void {
  const number = numberOption(command);
  const both = (key: keyof TrainingConfig) =>
    defaultText(DEFAULTS.sample.training[key], DEFAULTS.data.training[key]);
  command.addOption(
    new Option(
      "--preset <NAME>",
      "other defaults: paper, its network and training; small, thirty minutes without a GPU",
    ).choices(Object.keys(PRESETS)),
  );
  number("--base <N>", `channels of the first level; the paper has 64 ${modelDefault("base")}`);
  number("--depth <N>", `number of poolings; the paper has 4 ${modelDefault("depth")}`);
  number(
    "--dropout <X>",
    `dropout rate at the deepest levels, 0 to below 1 ${modelDefault("dropout")}`,
  );

  command.optionsGroup("Training:");
  number("--steps <N>", `number of training steps ${both("steps")}`);
  number("--max-minutes <M>", "stop, saved, after so many minutes (default: no limit)");
  number("--tile <N>", `side of the square training tiles in pixels ${both("tile")}`);
  number(
    "--tile-stride <PX>",
    `pixels between the output tiles of an image; 0: at random places ${both("tileStride")}`,
  );
  number("--batch <N>", `tiles a step ${both("batch")}`);
  number("--learning-rate <X>", `step size ${both("learningRate")}`);
  command.addOption(
    new Option(
      "--schedule <NAME>",
      "of the learning rate: constant; step; cosine, to 0 over --steps; cosine-time, to 0 over " +
        `--max-minutes, no two runs equal ${both("schedule")}`,
    ).choices(SCHEDULES),
  );
  number("--warmup <N>", `steps in which the learning rate rises from 0 ${both("warmup")}`);
  number(
    "--decay-every <N>",
    `with --schedule step: steps between two drops ${both("decayEvery")}`,
  );
  number("--decay-factor <X>", `the learning rate's factor at each drop ${both("decayFactor")}`);
  number("--momentum <X>", `momentum of SGD, beta1 of Adam ${both("momentum")}`);
  command.addOption(
    new Option("--optimizer <NAME>", `how the weights are updated ${both("optimizer")}`).choices([
      "sgd",
      "adam",
    ]),
  );
  command.addOption(
    new Option(
      "--class-weights <NAME>",
      `equal, or balanced: rare classes count more, as in the paper ${both("classWeights")}`,
    ).choices(["equal", "balanced"]),
  );
  number("--w0 <X>", `weight of the gaps between close cells; 0 for none ${both("w0")}`);
  number("--sigma <PX>", `width of those gaps in pixels ${both("sigma")}`);
  number("--seed <N>", `equal seeds give equal runs ${both("seed")}`);
  number("--validate-every <N>", `steps between validations ${both("validateEvery")}`);

  command.option(
    "--recompute",
    "keep half of the activations, compute the rest again: less memory, slower, the same result",
  );

  command.addOption(
    new Option(
      "--precision <TYPE>",
      `f16 keeps activations that wait for the backward pass in 16 bits: less memory, slower ${both("precision")}`,
    ).choices(PRECISIONS),
  );
  number("--workers <N>", "threads that cut and vary the tiles; 0: the main thread (default: 1)");

  addRecipeOptions(command);
  addAugmentationOptions(command);
}

/**
 * Network and training of the run: what was typed, over the resumed run or the defaults. Throws one
 * line for a value that makes no sense.
 */
export function resolveRun(
  options: TrainOptions,
  kind: "sample" | "data",
  resumed?: RunConfig,
): { model: Network; training: TrainingConfig } {
  const typed = (key: string) => options[key as keyof TrainOptions];
  if (resumed && options.preset) {
    throw new Error("--preset: the run to resume has its settings already; leave it out");
  }
  const defaults = options.preset ? PRESETS[options.preset] : DEFAULTS[kind];
  const architecture = options.model ?? resumed?.model.architecture ?? "unet";
  const fresh = { ...defaults.model, ...architectureDefaults(architecture) };
  const model = {
    ...overlay<Omit<ModelConfig, "architecture" | "channels">>(resumed?.model ?? fresh, typed),
    architecture,
  };
  const before = resumed ? earlierTraining(resumed.config) : defaults.training;
  const training = overlay(before, typed);
  training.augmentation = resolveAugmentation(options, before.augmentation);
  for (const [key, value] of Object.entries({ ...model, ...training })) {
    if (typeof value === "number") checkNumber(kebab(key), value);
  }
  checkNumber("ignore", options.ignore);
  checkNumber("workers", options.workers);
  if (resumed) refuseChanges(resumed, model, training);
  if (!resumed && options.tile === undefined) training.tile = nearestTile(training.tile, model);
  checkTile("--tile", training.tile, model);
  if (training.schedule === "cosine-time" && training.maxMinutes === undefined) {
    throw new Error("--schedule cosine-time: it follows the time budget: give --max-minutes too");
  }
  return { model, training };
}

/** The option that names the network, for the commands that make one. */
export function modelOption(): Option {
  const words =
    "network: unet; fcn8s, a small FCN from scratch; fcn8s-, fcn16s-, fcn32s-vgg16 (default: unet)";
  return new Option("--model <NAME>", words).choices(ARCHITECTURE_NAMES);
}

/** A network but for the channels of its images. */
export type Network = Omit<ModelConfig, "channels">;

/** The tile that a network can take and that is nearest to a default. */
export function nearestTile(tile: number, network: Network): number {
  return nearestInput(createModel({ ...network, channels: 1 }), tile);
}

/**
 * Throws when `tile` is no input of a network, and names the nearest that are; for a `use` of
 * prediction also where nothing is left of its output.
 */
export function checkTile(
  option: string,
  tile: number,
  network: Network,
  use: "training" | "prediction" = "training",
): void {
  const model = createModel({ ...network, channels: 1 });
  try {
    if (use === "prediction") predictedSize(model, tile);
    else model.outputSize(tile);
  } catch (error) {
    throw new Error(`${option}: ${(error as Error).message}`);
  }
}

const FIXED = [
  "model",
  "base",
  "depth",
  "classes",
  "dropout",
  "optimizer",
  "seed",
  "precision",
  "ema",
];

/** What cannot change within a run: the parameters, their optimiser's state, the random numbers. */
function refuseChanges(resumed: RunConfig, model: Network, training: TrainingConfig): void {
  const before: Record<string, unknown> = {
    ...resumed.model,
    ...earlierTraining(resumed.config),
    model: resumed.model.architecture,
  };
  const now: Record<string, unknown> = { ...model, ...training, model: model.architecture };
  for (const key of FIXED) {
    if (before[key] === now[key]) continue;
    throw new Error(
      `--${key}: the run to resume has ${before[key]}, got ${now[key]}: it cannot change`,
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
