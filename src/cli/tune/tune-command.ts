// `micrograph tune`: finds the fastest kernels on this adapter and saves them for later runs.

import type { TunedLayer, TuneResult } from "../../gpu/tune.js";
import type { Model } from "../../model/model.js";
import { TUNING_OPTIONS } from "../../options/command-options.js";
import type { OptionValues } from "../../options/rules.js";
import type { ModelConfig, TrainingConfig } from "../../train/training-types.js";
import { openExamined } from "../doctor/doctor-command.js";
import { shapeText } from "../format.js";
import { type NetworkOptions, resolveNetwork } from "../info/plan-report.js";
import { networkOf, withOwnModel } from "../options/own-model.js";
import { checkRanges } from "../options/parse-numbers.js";
import { createProgress, type Progress } from "../progress-bar.js";
import type { Context, OpenDevice } from "../services.js";
import { checkTile } from "../train/resolve-run.js";

export interface TuneCommandOptions
  extends NetworkOptions,
    Partial<OptionValues<typeof TUNING_OPTIONS>> {}

/** Runs the command; returns the exit code. Throws one line for wrong input. */
export async function runTune(given: TuneCommandOptions, context: Context): Promise<number> {
  const { options, models } = await withOwnModel(given);
  const network = resolveNetwork(options, models);
  checkRanges(TUNING_OPTIONS, options);
  const { predictTile: predictionTile, budget } = options;
  if (predictionTile !== undefined) {
    checkTile("--predict-tile", predictionTile, network.model, { use: "prediction", models });
  }
  const progress = createProgress(options.json ? context.stderr : context.stdout);
  const device = await openExamined(context, progress.line);
  try {
    const budgetMs = budget === undefined ? undefined : budget * 1000;
    const step = { ...network, model: networkOf(network.model, models) };
    const settings = { predictionTile, budgetMs, again: true };
    const { result, file } = await tuneAndKeep(device, step, settings, context, progress);
    const { adapter } = device.describe();
    if (options.json) {
      context.stdout.write(
        `${JSON.stringify({ adapter, file: file ?? null, ...result }, null, 2)}\n`,
      );
    }
    for (const line of tuneLines(result)) progress.line(line);
    if (file !== undefined) progress.line(`Saved for ${adapter}: ${file}`);
    return 0;
  } finally {
    progress.stop();
    device.close();
  }
}

export interface Tuning {
  readonly predictionTile?: number;
  readonly budgetMs?: number;
  /** Whether layers that are already tuned are timed again. */
  readonly again: boolean;
}

/** Tunes and saves the choices; a cache that cannot be written is a remark, not an error. */
export async function tuneAndKeep(
  device: OpenDevice,
  network: { model: ModelConfig | Model; training: TrainingConfig },
  tuning: Tuning,
  { services }: Context,
  progress: Progress,
): Promise<{ result: TuneResult; file: string | undefined }> {
  const result = await services.tune(device, network, {
    ...tuning,
    onLayer: ({ node, winner }, done, total) =>
      progress.update(done, total, `tuning ${node}: ${winner} (${done} of ${total} layers)`),
  });
  progress.stop();
  try {
    return {
      result,
      file: result.layers.length > 0 ? await services.keepChoices(device) : undefined,
    };
  } catch (error) {
    progress.line(`The chosen kernels could not be saved: ${(error as Error).message}`);
    return { result, file: undefined };
  }
}

/** A table with one row per layer; then the dropped kernels and a summary. */
export function tuneLines({ layers, leftOut, elapsedMs }: TuneResult): string[] {
  const kernels = [...new Set(layers.flatMap(({ candidates }) => candidates.map((c) => c.kernel)))];
  const cell = ({ candidates }: TunedLayer, name: string) => {
    const found = candidates.find(({ kernel }) => kernel === name);
    if (!found) return "";
    return found.ms === undefined ? "dropped" : found.ms.toFixed(3);
  };
  const rows = [
    ["layer", "inputs", ...kernels.map((name) => `${name} ms`), "fastest"],
    ...layers.map((layer) => [
      layer.count > 1 ? `${layer.node} (x ${layer.count})` : layer.node,
      layer.shapes.slice(0, 2).map(shapeText).join(" "),
      ...kernels.map((name) => cell(layer, name)),
      layer.winner === layer.default ? layer.winner : `${layer.winner} (not the default)`,
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const isNumber = (i: number) => i >= 2 && i < 2 + kernels.length;
  const table = rows.map((row) =>
    row
      .map((text, i) => (isNumber(i) ? text.padStart(widths[i]) : text.padEnd(widths[i])))
      .join("  ")
      .trimEnd(),
  );
  const changed = layers.filter((layer) => layer.winner !== layer.default).length;
  const left = leftOut > 0 ? `; there was no time for ${leftOut} more, which keep the default` : "";
  return [
    ...(layers.length > 0 ? table : []),
    ...layers.flatMap(droppedLines),
    `${layers.length} layers in ${(elapsedMs / 1000).toFixed(1)} s, ${changed} of them with ` +
      `a kernel other than the default${left}.`,
  ];
}

function droppedLines({ node, candidates }: TunedLayer): string[] {
  return candidates.flatMap(({ kernel, dropped }) =>
    dropped === undefined ? [] : [`${node}: ${kernel} was dropped: ${dropped.split("\n")[0]}`],
  );
}
