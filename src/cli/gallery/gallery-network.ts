// The network that a gallery shows: a checkpoint's, or an untrained one given by name and sizes.

import { splitTask, type Task } from "../../data/task.js";
import type { Architecture } from "../../model/architecture.js";
import { type ArchitectureName, ownDefaults } from "../../model/built-in.js";
import type { ModelConfig } from "../../model/model.js";
import { flagOf } from "../../options/command-line.js";
import type { RunDefaults, RunKind } from "../../train/recipes.js";
import { RUN_DEFAULTS } from "../../train/recipes.js";
import type { Checkpoint } from "../../train/training-types.js";
import { type ClassOptions, resolveClasses } from "../options/class-options.js";
import { theModel } from "../options/own-model.js";
import { checkTile, nearestTile } from "../train/resolve-run.js";

export interface GalleryNetworkOptions extends ClassOptions {
  model?: string;
  tile?: number;
  depth?: number;
  base?: number;
}

/** Options that a checkpoint already determines. */
const TOLD = ["model", "depth", "base", "classes", "classNames", "classColours"] as const;

/**
 * Network, task and tile: the checkpoint's, else those of the options, with defaults of the architecture
 * and of the data. Throws one line for a network that cannot be built.
 */
export function galleryNetwork(
  options: GalleryNetworkOptions,
  kind: RunKind,
  checkpoint: Checkpoint | undefined,
  models: readonly Architecture[] = [],
): { model: ModelConfig; task?: Task | undefined; tile: number } {
  const defaults = RUN_DEFAULTS[kind];
  if (checkpoint) {
    // A file only says how the checkpoint's network is built.
    const typed = models.length > 0 ? { ...options, model: undefined } : options;
    const given = TOLD.find((key) => typed[key] !== undefined);
    if (given)
      throw new Error(`${flagOf(given)}: the checkpoint already determines it; leave it out`);
  }
  const { model, task } = checkpoint?.metadata ?? untrained(options, defaults.model, models);
  // A default rarely fits another network than its own; a tile that is typed is used as given.
  const tile =
    options.tile ??
    checkpoint?.metadata.training?.tile ??
    nearestTile(defaults.training.tile, model, models, model.channels);
  checkTile("--tile", tile, model, { models, channels: model.channels });
  return { model, task, tile };
}

/** The network of the options, with the defaults of its architecture. */
function untrained(
  options: GalleryNetworkOptions,
  defaults: RunDefaults["model"],
  models: readonly Architecture[],
): { model: ModelConfig; task?: Task | undefined } {
  const { model: name = "unet", depth, base } = options;
  const own = models.length > 0 ? theModel(name, models) : undefined;
  const usual = own
    ? { ...own.defaults, classes: defaults.classes }
    : { ...defaults, ...ownDefaults(name as ArchitectureName) };
  const sizes = {
    ...(depth === undefined ? {} : { depth }),
    ...(base === undefined ? {} : { base }),
  };
  const architecture = own?.name ?? name;
  const classes = resolveClasses(options, defaults.classes);
  return splitTask<ModelConfig>({ ...usual, ...sizes, architecture, channels: 1, ...classes });
}
