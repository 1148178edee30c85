// `micrograph info --plan`: the GPU memory of training and of prediction by kind, before anything
// is allocated.

import { type Command, Option } from "commander";
import { createModel } from "../../model/architectures.js";
import type { MemoryReport } from "../../train/memory-report.js";
import type { ModelConfig, TrainingConfig } from "../../train/training-types.js";
import { byteText, grouped, shapeText } from "../format.js";
import { DEFAULTS } from "../options/defaults.js";
import { checkNumber, parseNumber } from "../options/numbers.js";
import { resolveRun } from "../train/resolve-run.js";
import { modelOption, presetOption, type TrainOptions } from "../train/train-options.js";

/** The options that say which network and which step: those of `train`. */
export const NETWORK_OPTIONS = [
  "preset",
  "model",
  "base",
  "depth",
  "classes",
  "tile",
  "batch",
  "optimizer",
  "accumulate",
  "clipNorm",
  "ema",
  "recompute",
  "precision",
] as const;

export type NetworkOptions = Pick<TrainOptions, (typeof NETWORK_OPTIONS)[number]> & {
  /** Channels of the images. */
  channels?: number;
};

/** Adds the options, with the defaults of `train` on data of one's own. */
export function addNetworkOptions(command: Command): void {
  const { model, training } = DEFAULTS.data;
  const number = (flags: string, text: string, value: number) =>
    command.addOption(new Option(flags, `${text} (default: ${value})`).argParser(parseNumber));
  command.addOption(presetOption());
  command.addOption(modelOption());
  number("--base <N>", "channels of the first level", model.base);
  number("--depth <N>", "number of poolings", model.depth);
  number("--classes <N>", "number of classes", model.classes);
  number("--channels <N>", "channels of the images: 1 grey, 3 colour", 1);
  number("--tile <N>", "side of the square tiles in pixels", training.tile);
  number("--batch <N>", "tiles of a batch", training.batch);
  const text = `how the weights are updated (default: ${training.optimizer})`;
  command.addOption(new Option("--optimizer <NAME>", text).choices(["sgd", "adam"]));
  number("--accumulate <N>", "batches a step", training.accumulate);
  number("--clip-norm <X>", "largest norm of all gradients together; 0 for any", training.clipNorm);
  number("--ema <X>", "decay of a moving average of the weights; 0 for none", training.ema);
}

/** Network and training that the options name. Throws one line for a value that makes no sense. */
export function resolveNetwork({ channels = 1, ...options }: NetworkOptions): {
  model: ModelConfig;
  training: TrainingConfig;
} {
  checkNumber("channels", channels);
  const { model, training } = resolveRun(options, "data");
  return { model: { ...model, channels }, training };
}

/** What the kinds are called, in the order in which they are shown. */
const KINDS: readonly (readonly [keyof MemoryReport["bytes"], string])[] = [
  ["parameters", "parameters"],
  ["gradients", "gradients of the parameters"],
  ["moments", "moments of the optimiser"],
  ["losses", "losses"],
  ["inputs", "inputs and constants"],
  ["records", "sizes of the layers"],
  ["activations", "saved activations"],
  ["recomputed", "recomputed activations"],
  ["activationGradients", "gradients of activations"],
  ["scratch", "working memory of kernels"],
  ["gaps", "gaps between tensors"],
  ["textures", "texture copies"],
  ["total", "total"],
];

export interface PlanReports {
  readonly training: MemoryReport;
  readonly prediction: MemoryReport;
}

/** The reports as lines: a row a kind, a column a plan. */
export function planLines(
  { training, prediction }: PlanReports,
  { model, training: config }: { model: ModelConfig; training: TrainingConfig },
): string[] {
  const reports = [training, prediction];
  const rows: string[][] = [
    ["bytes on the GPU", "training step", "prediction"],
    ...KINDS.map(([kind, name]) => [
      name,
      ...reports.map(({ bytes }) => (bytes[kind] === 0 ? "" : byteText(bytes[kind]))),
    ]),
    ["largest tensor", ...reports.map(({ largest }) => byteText(largest.bytes))],
    ["the adapter binds", ...reports.map(({ bindingLimit }) => byteText(bindingLimit))],
    ["dispatches", ...reports.map(({ dispatches }) => `${dispatches}`)],
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i].length)));
  const { title, parameters } = createModel(model);
  return [
    `${title}, ${grouped(parameters.count)} parameters, ${model.classes} classes, trained by ` +
      `${config.optimizer} on ` +
      `${config.accumulate > 1 ? `${config.accumulate} batches of ` : ""}` +
      `${config.batch} x ${training.tile} x ${training.tile} pixels` +
      `${config.recompute ? " with recomputation" : ""}` +
      `${config.precision === "f16" ? ", activations at rest in f16" : ""}; prediction of tiles of ` +
      `${prediction.tile} x ${prediction.tile}`,
    ...rows.map(([name, ...cells]) =>
      [name.padEnd(widths[0]), ...cells.map((cell, i) => cell.padStart(widths[i + 1]))].join("  "),
    ),
    ...reports.flatMap((report) => (fits(report) ? [] : [refusal(report)])),
  ];
}

export const fits = ({ largest, bindingLimit }: MemoryReport) => largest.bytes <= bindingLimit;

function refusal({ largest: { name, shape, bytes }, bindingLimit, tile }: MemoryReport): string {
  return (
    `A tile of ${tile} does not fit: ${name} ${shapeText(shape)} needs ${bytes} bytes, but this ` +
    `adapter binds at most ${bindingLimit}`
  );
}
