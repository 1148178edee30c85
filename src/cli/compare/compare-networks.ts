// The networks of a comparison: which, with which settings, and for how many steps, so that all of
// them are trained on equally many pixels.

import type { Task } from "../../data/task.js";
import { createModel } from "../../model/architectures.js";
import { ARCHITECTURE_NAMES, type ArchitectureName, isArchitecture } from "../../model/built-in.js";
import type { RunKind } from "../../train/recipes.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { type Network, nearestTile, resolveRun } from "../train/resolve-run.js";
import type { TrainOptions } from "../train/train-options.js";

export interface Contender {
  /** As typed: the name of its architecture, perhaps with @ and its tile. Its run's folder too. */
  readonly name: string;
  /** The contender whose run folder holds its training: itself, or one that is trained alike. */
  readonly run: string;
  readonly model: Network & { readonly channels: number };
  readonly task?: Task | undefined;
  /** As for a run by itself: `equalised` makes it equal to another. */
  readonly training: TrainingConfig;
  /** Views of an image whose mean is its prediction, 1 to 8. */
  readonly symmetries: number;
}

/**
 * The networks that `--models` names, each with the options of `train`. A tile that is typed is taken
 * to the nearest that the network has; one behind an @ is taken as it is. `--depth` is that of
 * U-Nets. Throws one line for what cannot be.
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
    throw new Error(`--models ${models}: ${twice} stands twice; another tile is ${twice}@<tile>`);
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
      `--models ${models}: got ${JSON.stringify(name)}, expected names, by commas, of ` +
        `${ARCHITECTURE_NAMES.join(", ")}, each perhaps with a tile: unet@284`,
    );
  }
  return { architecture, tile: tile === undefined ? undefined : Number(tile) };
}

/** Side of the output of a training tile. */
export function outputSide({ model, training }: Contender): number {
  return createModel(model).outputSize(training.tile);
}

/** Pixels of the labels that a network is trained on in so many steps. */
export function seenPixels(contender: Contender, steps: number): number {
  const { batch, accumulate } = contender.training;
  return steps * accumulate * batch * outputSide(contender) ** 2;
}

/**
 * The training that sees as many pixels as `reference` in `steps` steps, to the nearest step. What is
 * counted in steps (warm-up, decay, validations) keeps its share of the run; a time limit, and a
 * schedule that follows it, are those of the reference alone.
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
