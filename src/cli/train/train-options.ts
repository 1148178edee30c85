// The options of `train` and their words in the help.

import { type Command, Option } from "commander";
import { ARCHITECTURE_NAMES } from "../../model/architecture-names.js";
import type { ArchitectureName } from "../../model/model.js";
import { PRECISIONS } from "../../train/config.js";
import { SCHEDULES, type ScheduleName } from "../../train/schedule.js";
import type { Precision, TrainingConfig } from "../../train/training-types.js";
import {
  type AugmentationOptions,
  addAugmentationOptions,
} from "../options/augmentation-options.js";
import {
  addClassOptions,
  addLabelOptions,
  ignoreOption,
  type LabelReadingOptions,
} from "../options/class-options.js";
import { DEFAULTS } from "../options/defaults.js";
import { addImageOptions, type ImageOptions } from "../options/image-options.js";
import { parseNumber } from "../options/numbers.js";
import { PRESETS, type PresetName } from "../options/presets.js";
import { addRecipeOptions, type RecipeOptions } from "../options/recipe-options.js";

export interface TrainOptions
  extends AugmentationOptions,
    ImageOptions,
    LabelReadingOptions,
    RecipeOptions {
  images?: string;
  labels?: string;
  validation?: string;
  ignore?: number | string;
  output?: string;
  name?: string;
  resume?: string;
  from?: string;
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
  classNames?: readonly string[];
  classColours?: readonly string[];
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
  command.addOption(fromOption());
  command.option(
    "--resume <RUN_FOLDER>",
    "go on with a run that was stopped; --images and --labels say where its data are now",
  );
  command.option("--tune", "first find the fastest kernels for layers that have not been tuned");
  command.option("--profile", "time ten steps kernel by kernel: profile.json, profile.csv");
  command.option("--json", "print the result as JSON; progress goes to standard error");
}

function fromOption(): Option {
  const words =
    "start from the weights of a checkpoint or run folder, as a new run (fine-tuning): its network; " +
    "other classes get a new last layer, other channels a new first one";
  return new Option("--from <CHECKPOINT>", words).conflicts("resume");
}

const numberOption = (command: Command) => (flags: string, text: string) =>
  command.addOption(new Option(flags, text).argParser(parseNumber));

/** The default of the embedded sample beside that of data, where they differ. */
function defaultText(sample: unknown, data: unknown): string {
  return sample === data ? `(default: ${data})` : `(default: ${data}; sample: ${sample})`;
}

const modelDefault = (key: "base" | "depth" | "dropout") =>
  defaultText(DEFAULTS.sample.model[key], DEFAULTS.data.model[key]);

/** Which images, which labels, which of them are held out. */
export function addDataOptions(command: Command): void {
  const number = numberOption(command);
  command.optionsGroup("Data:");
  command.option("--images <DIR>", "folder of PNG, TIFF or JPEG images, or a TIFF stack");
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
    "number of classes; 2: black membrane, white cell (default: as many as the labels have)",
  );
  addClassOptions(command);
  command.addOption(ignoreOption());
  addImageOptions(command);
  addLabelOptions(command);
}

/** Sizes of a network, and how it is trained. */
export function addTrainingOptions(command: Command): void {
  const number = numberOption(command);
  const both = (key: keyof TrainingConfig) =>
    defaultText(DEFAULTS.sample.training[key], DEFAULTS.data.training[key]);
  command.addOption(presetOption());
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
  number("--batch <N>", `tiles of a batch ${both("batch")}`);
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

/** The option that names a recipe. */
export function presetOption(): Option {
  const words =
    "other defaults: paper, its network and training; small, thirty minutes without a GPU and a " +
    "moving average of the weights";
  return new Option("--preset <NAME>", words).choices(Object.keys(PRESETS));
}

/** The option that names the network, for the commands that make one. */
export function modelOption(): Option {
  const words =
    "network: unet; fcn8s, a small FCN from scratch; fcn8s-, fcn16s-, fcn32s-vgg16 (default: unet)";
  return new Option("--model <NAME>", words).choices(ARCHITECTURE_NAMES);
}
