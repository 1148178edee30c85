// The networks of a comparison, their settings, and the number of steps after which each has been trained
// on the same number of pixels.

import type { Task } from "../../data/task.js";
import { createModel } from "../../model/architectures.js";
import { ARCHITECTURE_NAMES, type ArchitectureName, isArchitecture } from "../../model/built-in.js";
import type { RunKind } from "../../train/recipes.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { type Network, nearestTile, resolveRun } from "../train/resolve-run.js";
import type { TrainOptions } from "../train/train-options.js";

export interface Contender {
  /** As typed: the name of its architecture, optionally with @ and its tile. Also names its run folder. */
  readonly name: string;
  /** The contender whose run folder holds its training: itself, or one with the same training. */
  readonly run: string;
  readonly model: Network & { readonly channels: number };
  readonly task?: Task | undefined;
  /** As for a single run: `equalised` adjusts it to see as many pixels as another. */
  readonly training: TrainingConfig;
  /** Number of flipped and rotated views that a prediction averages, 1 to 8. */
  readonly symmetries: number;
}

/**
 * The networks that `--models` names, each with the options of `train`. `--tile` is rounded to the nearest
 * size that each network can take; a tile after @ is used as given. `--depth` applies to U-Nets.
 * Throws one line for networks that cannot be built.
 */
export function resolveContenders(
  models: string,
  options: TrainOptions,
  kind: RunKind,
  channels: number,
): Contender[] {
  const names = models.split(",").map((name) => name.trim());
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new Error(
      `--models ${models}: ${twice} is listed twice; to train it with another tile, write ${twice}@<tile>`,
    );
  }
  return names.map((name) => {
    const { architecture, tile } = parseName(name, models);
    const depth = architecture === "unet" ? options.depth : undefined;
    const own = { ...options, model: architecture, depth, tile };
    const plain = resolveRun(own, kind);
    const { task } = plain;
    const contender = { name, run: name, model: { ...plain.model, channels }, task, symmetries: 1 };
    if (tile !== undefined || options.tile === undefined) {
      return { ...contender, training: plain.training };
    }
    const side = nearestTile(options.tile, plain.model);
    return { ...contender, training: resolveRun({ ...own, tile: side }, kind).training };
  });
}

function parseName(
  name: string,
  models: string,
): { architecture: ArchitectureName; tile: number | undefined } {
  const [architecture, tile, ...rest] = name.split("@");
  if (!isArchitecture(architecture) || rest.length > 0 || (tile && !/^\d+$/.test(tile))) {
    throw new Error(
      `--models ${models}: got ${JSON.stringify(name)}, expected comma-separated names from ` +
        `${ARCHITECTURE_NAMES.join(", ")}, optionally with a tile: unet@284`,
    );
  }
  return { architecture, tile: tile === undefined ? undefined : Number(tile) };
}

/** Side of a training tile's output in pixels. */
export function outputSide({ model, training }: Contender): number {
  return createModel(model).outputSize(training.tile);
}

/** Number of label pixels that a network is trained on in that many steps. */
export function seenPixels(contender: Contender, steps: number): number {
  const { batch, accumulate } = contender.training;
  return steps * accumulate * batch * outputSide(contender) ** 2;
}

/**
 * The training that sees as many pixels as `reference` does in `steps` steps, to the nearest step. Options
 * counted in steps (warm-up, decay, validations) keep their share of the run; a time limit, and a
 * schedule that follows it, apply only to the reference.
 */
export function equalised(
  contender: Contender,
  reference: Contender,
  steps: number,
): TrainingConfig {
  if (contender === reference) return contender.training;
  const { training } = contender;
  const own = Math.max(1, Math.round(seenPixels(reference, steps) / seenPixels(contender, 1)));
  const scaled = (count: number, least: number) =>
    Math.max(least, Math.round((count * own) / steps));
  return {
    ...training,
    steps: own,
    maxMinutes: undefined,
    schedule: training.schedule === "cosine-time" ? "cosine" : training.schedule,
    warmup: scaled(training.warmup, 0),
    decayEvery: scaled(training.decayEvery, 1),
    validateEvery: scaled(training.validateEvery, 1),
  };
}
