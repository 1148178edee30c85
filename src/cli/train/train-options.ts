// The options of `train` and their help texts.

import { type Command, Option } from "commander";
import { STARTING_NETWORKS } from "../../networks/starting-networks.js";
import { RUNNING_OPTIONS } from "../../options/command-options.js";
import { OBJECT_OPTIONS } from "../../options/label.js";
import { MODEL_OPTIONS, NETWORK_OPTIONS } from "../../options/network.js";
import type { OptionGroup, OptionValues } from "../../options/rules.js";
import { TRAINING_OPTIONS } from "../../options/training.js";
import { type PresetName, RUN_DEFAULTS, RUN_PRESETS } from "../../train/recipes.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { addRows, defaultNote, type Note, optionOf, rowsWhere } from "../options/add-rows.js";
import {
  type AugmentationOptions,
  addAugmentationOptions,
} from "../options/augmentation-options.js";
import {
  addClassOptions,
  addLabelOptions,
  ignoreOption,
  type LabelReadingOptions,
  type ObjectOptions,
} from "../options/class-options.js";
import { addImageOptions, type ImageOptions } from "../options/image-options.js";
import { parseField, parseModel } from "../options/own-model.js";
import { SAMPLE_NAMES, type SampleName } from "../options/sample.js";

type NetworkValues = OptionValues<typeof MODEL_OPTIONS>;

export interface TrainOptions
  extends AugmentationOptions,
    ImageOptions,
    LabelReadingOptions,
    ObjectOptions,
    Partial<Omit<NetworkValues, "channels">>,
    Partial<Omit<TrainingConfig, "augmentation">>,
    Partial<OptionValues<typeof RUNNING_OPTIONS>> {
  sample?: SampleName;
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
  tune?: boolean;
  /** A name, or a module with an architecture of the user's. */
  model?: string;
  /** Fields of that architecture. */
  field?: Readonly<Record<string, number | string | boolean>>;
  classNames?: readonly string[];
  classColours?: readonly string[];
}

/** Adds the options to the command, in groups. */
export function addTrainOptions(command: Command): void {
  addDataOptions(command);
  command.optionsGroup("Network:");
  command.addOption(modelOption());
  command.addOption(fieldOption());
  addTrainingOptions(command);
  command.optionsGroup("Run:");
  command.option("-o, --output <DIR>", "run folder (default: runs/<date>-<name>)");
  command.option("--name <NAME>", "name of the run (default: that of the data)");
  command.addOption(fromOption());
  command.option(
    "--resume <RUN_FOLDER>",
    "continue a run that was stopped; if its data have moved, give --images and --labels",
  );
  command.option("--tune", "first find the fastest kernels for layers that are not tuned yet");
  command.option("--profile", "time ten steps kernel by kernel: profile.json, profile.csv");
  command.option("--json", "print the result as JSON; progress goes to standard error");
}

function fromOption(): Option {
  const words =
    "fine-tune: start a new run from the weights of a checkpoint, a run folder, or a network that comes " +
    `with the package (${Object.keys(STARTING_NETWORKS).join(", ")}); other classes get a new last layer, ` +
    "other channels a new first one";
  return new Option("--from <CHECKPOINT>", words).conflicts("resume");
}

/** The default for the user's data, and that for the embedded sample if it differs. */
const usualNote: Note = (key, row) => {
  const [data, sample] = [RUN_DEFAULTS.data, RUN_DEFAULTS.sample].map(
    ({ model, training }) => ({ ...model, ...training }) as Readonly<Record<string, unknown>>,
  );
  const note = defaultNote(key, row);
  return data[key] === sample[key] ? note : `${note}; sample: ${sample[key]}`;
};

/** Images, labels, and which of them are held out. */
export function addDataOptions(command: Command): void {
  command.optionsGroup("Data:");
  command.addOption(
    new Option(
      "--sample <NAME>",
      "embedded images to train on: membranes; nuclei, single cells that touch (default: membranes, " +
        "if no data are given)",
    ).choices(SAMPLE_NAMES),
  );
  command.option("--images <DIR>", "folder of PNG, TIFF or JPEG images, or a TIFF stack");
  command.option(
    "--labels <DIR>",
    "folder of labels or a TIFF stack, paired with the images by file name or page",
  );
  command.option(
    "--validation <NAMES>",
    "held-out images: comma-separated names without .png, or a pattern (default: the last fifth)",
  );
  command.addOption(optionOf("classes", NETWORK_OPTIONS.classes));
  addClassOptions(command);
  command.addOption(ignoreOption());
  addImageOptions(command);
  addLabelOptions(command);
  addRows(command, OBJECT_OPTIONS);
}

/** The sizes of a network, and its training. */
export function addTrainingOptions(command: Command): void {
  const add = (group: OptionGroup) => {
    const rows = { ...MODEL_OPTIONS, ...TRAINING_OPTIONS };
    addRows(
      command,
      rowsWhere(rows, (row) => row.group === group),
      usualNote,
    );
  };
  command.addOption(presetOption());
  add("Network");
  command.optionsGroup("Training:");
  add("Training");
  addRows(command, RUNNING_OPTIONS);
  command.optionsGroup("Recipe:");
  add("Recipe");
  addAugmentationOptions(command);
}

/** Fields of an architecture of the user's. */
export function fieldOption(): Option {
  const words = "with --model FILE: a field of that architecture; may be repeated";
  return new Option("--field <NAME=VALUE>", words).argParser(parseField);
}

/** The option that chooses a recipe. */
export function presetOption(): Option {
  const presets = Object.entries(RUN_PRESETS).map(([name, { words }]) => `${name}, ${words}`);
  const words = `other defaults: ${presets.join("; ")}`;
  return new Option("--preset <NAME>", words).choices(Object.keys(RUN_PRESETS));
}

/** The option that chooses the network, for the commands that make one. */
export function modelOption(): Option {
  const words =
    "network: unet; fcn8s, a small FCN from scratch; fcn8s-, fcn16s-, fcn32s-vgg16; or a module with an " +
    "architecture of your own: ./my-unet.js (default: unet)";
  return new Option("--model <NAME>", words).argParser(parseModel);
}
