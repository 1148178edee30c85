// The networks of a comparison, their settings, and the number of steps after which each has been trained
// on the same number of pixels.

import type { Task } from "../../data/task.js";
import type { Architecture } from "../../model/architecture.js";
import { createModel } from "../../model/architectures.js";
import { ARCHITECTURE_NAMES, isArchitecture } from "../../model/built-in.js";
import type { RunKind } from "../../train/recipes.js";
import type { TrainingConfig } from "../../train/training-types.js";
import { isModelFile, ownModels, theModel } from "../options/own-model.js";
import { type Network, nearestTile, resolveRun } from "../train/resolve-run.js";
import type { TrainOptions } from "../train/train-options.js";

export interface Contender {
  /** The name of its architecture, optionally with @ and its tile. Also names its run folder. */
  readonly name: string;
  /** The contender whose run folder holds its training: itself, or one with the same training. */
  readonly run: string;
  readonly model: Network & { readonly channels: number };
  readonly task?: Task | undefined;
  /** As for a single run: `equalised` adjusts it to see as many pixels as another. */
  readonly training: TrainingConfig;
  /** Number of flipped and rotated views that a prediction averages, 1 to 8. */
  readonly symmetries: number;
  /** Its architecture, if that is the user's. */
  readonly models: readonly Architecture[];
}

/**
 * The networks that `--models` names, each with the options of `train`. `--tile` is rounded to the nearest
 * size that each network can take; a tile after @ is used as given. `--depth` applies to U-Nets and to the
 * user's networks, the architectures of `files`.
 * Throws one line for networks that cannot be built.
 */
export function resolveContenders(
  models: string,
  options: TrainOptions,
  kind: RunKind,
  channels: number,
  files: OwnFiles = new Map(),
): Contender[] {
  const networks = listed(models).map((text) => parseName(text, models, files));
  const names = networks.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new Error(
      `--models ${models}: ${twice} is listed twice; to train it with another tile, write ${twice}@<tile>`,
    );
  }
  return networks.map(({ name, architecture, own: file, tile }) => {
    const models = file ? [file] : [];
    const depth = file || architecture === "unet" ? options.depth : undefined;
    const own = { ...options, model: architecture, depth, tile };
    const plain = resolveRun(own, kind, { models });
    const { task } = plain;
    const model = { ...plain.model, channels };
    const contender = { name, run: name, model, task, symmetries: 1, models };
    if (tile !== undefined || options.tile === undefined) {
      return { ...contender, training: plain.training };
    }
    const side = nearestTile(options.tile, plain.model, models, channels);
    return {
      ...contender,
      training: resolveRun({ ...own, tile: side }, kind, { models }).training,
    };
  });
}

/** The user's architectures, by their files as typed. */
export type OwnFiles = ReadonlyMap<string, Architecture>;

/** Loads the files that `--models` names. Throws one line for one that has not a single architecture. */
export async function ownFiles(models: string): Promise<OwnFiles> {
  const files = listed(models).map((name) => split(name).network);
  const found = new Map<string, Architecture>();
  for (const file of files.filter(isModelFile)) {
    found.set(file, theModel(file, await ownModels(file)));
  }
  return found;
}

const listed = (models: string) => models.split(",").map((name) => name.trim());

function split(name: string): { network: string; tile: number | undefined } {
  const [, network = name, tile] = /^(.*?)(?:@(\d+))?$/.exec(name) ?? [];
  return { network, tile: tile === undefined ? undefined : Number(tile) };
}

interface Named {
  /** Of its run folder. */
  readonly name: string;
  readonly architecture: string;
  readonly own: Architecture | undefined;
  readonly tile: number | undefined;
}

function parseName(text: string, models: string, files: OwnFiles): Named {
  const { network, tile } = split(text);
  const own = files.get(network);
  if (!own && !isArchitecture(network)) {
    throw new Error(
      `--models ${models}: got ${JSON.stringify(text)}, expected comma-separated names from ` +
        `${ARCHITECTURE_NAMES.join(", ")}, or modules such as ./my-unet.js, optionally with a tile: unet@284`,
    );
  }
  const architecture = own?.name ?? network;
  const name = tile === undefined ? architecture : `${architecture}@${tile}`;
  return { name, architecture, own, tile };
}

/** Side of a training tile's output in pixels. */
export function outputSide({ model, models, training }: Contender): number {
  return createModel(model, models).outputSize(training.tile);
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
