// `micrograph info --plan`: the GPU memory of training and of prediction by purpose, before anything
// is allocated.

import type { Command } from "commander";
import type { MemoryError } from "../../gpu/errors.js";
import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import { MODEL_OPTIONS, NETWORK_OPTIONS } from "../../options/network.js";
import { TRAINING_OPTIONS } from "../../options/training.js";
import type { MemoryReport } from "../../train/memory-report.js";
import type { ModelConfig, TrainingConfig } from "../../train/training-types.js";
import { byteText, grouped } from "../format.js";
import { addRows, defaultNote, rowsWhere } from "../options/add-rows.js";
import { checkRanges } from "../options/parse-numbers.js";
import { resolveRun } from "../train/resolve-run.js";
import {
  fieldOption,
  modelOption,
  presetOption,
  type TrainOptions,
} from "../train/train-options.js";

const PLAN_ROWS = rowsWhere({ ...MODEL_OPTIONS, ...TRAINING_OPTIONS }, (row) => !!row.isInPlan);

/** The options that say which network and which step: those of `train`, and the images' channels. */
export const NETWORK_KEYS = ["preset", "model", ...Object.keys(PLAN_ROWS)];

export type NetworkOptions = TrainOptions & {
  /** Channels of the images. */
  channels?: number;
};

/** Adds the options except those in `without`, with the defaults of `train` on the user's own data. */
export function addNetworkOptions(command: Command, without: readonly string[] = []): void {
  command.addOption(presetOption());
  command.addOption(modelOption());
  command.addOption(fieldOption());
  const rows = rowsWhere(PLAN_ROWS, (_row, key) => !without.includes(key));
  addRows(command, rows, (key, row) => defaultNote(key, { ...row, usual: undefined }));
}

/** Network and training that the options name. Throws one line for a value that makes no sense. */
export function resolveNetwork(
  { channels = 1, ...options }: NetworkOptions,
  models: readonly Architecture[] = [],
): {
  model: ModelConfig;
  training: TrainingConfig;
} {
  checkRanges({ channels: NETWORK_OPTIONS.channels }, { channels });
  const { model, training } = resolveRun(options, "data", { models });
  return { model: { ...model, channels }, training };
}

/** The labels of the kinds, in the order in which they are shown. */
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

/** The memory of a plan, and why it is refused. */
export interface PlanReport extends MemoryReport {
  readonly refusal: Pick<MemoryError, "message" | "proposals"> | undefined;
}

export interface PlanReports {
  readonly training: PlanReport;
  readonly prediction: PlanReport;
}

/** The reports as lines: one row per kind, one column per plan. */
export function planLines(
  { training, prediction }: PlanReports,
  { model, training: config }: { model: ModelConfig; training: TrainingConfig },
  models: readonly Architecture[] = [],
): string[] {
  const reports = [training, prediction];
  const rows: string[][] = [
    ["bytes on the GPU", "training step", "prediction"],
    ...KINDS.map(([kind, name]) => [
      name,
      ...reports.map(({ bytes }) => (bytes[kind] === 0 ? "" : byteText(bytes[kind]))),
    ]),
    ["largest tensor", ...reports.map(({ largest }) => byteText(largest.bytes))],
    ["binding limit", ...reports.map(({ bindingLimit }) => byteText(bindingLimit))],
    ["dispatches", ...reports.map(({ dispatches }) => `${dispatches}`)],
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...rows.map((row) => row[i].length)));
  const { title, parameters } = createModel(model, models);
  return [
    `${title}, ${grouped(parameters.count)} parameters, ${model.classes} classes, trained by ` +
      `${config.optimizer} on ` +
      `${config.accumulate > 1 ? `${config.accumulate} batches of ` : ""}` +
      `${config.batch} x ${training.tile} x ${training.tile} pixels` +
      `${config.recompute ? " with recomputation" : ""}` +
      `${config.precision === "f16" ? ", stored activations in f16" : ""}; prediction of tiles of ` +
      `${prediction.tile} x ${prediction.tile}`,
    ...rows.map(([name, ...cells]) =>
      [name.padEnd(widths[0]), ...cells.map((cell, i) => cell.padStart(widths[i + 1]))].join("  "),
    ),
    ...refusalText("Training", training),
    ...refusalText("Prediction", prediction),
  ];
}

const refusalText = (what: string, { tile, refusal }: PlanReport): string[] =>
  refusal ? [`${what} in tiles of ${tile} does not fit: ${refusal.message}`] : [];

/** The report for programs (`--json`). */
export function planJson({ refusal, ...report }: PlanReport): unknown {
  if (!refusal) return { ...report, fits: true };
  const { message, proposals } = refusal;
  return { ...report, fits: false, refusal: message, proposals };
}
