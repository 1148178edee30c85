// The network that a gallery shows: a checkpoint's, or an untrained one given by name and sizes.

import { splitTask, type Task } from "../../data/task.js";
import { type ArchitectureName, ownDefaults } from "../../model/built-in.js";
import type { ModelConfig } from "../../model/model.js";
import { flagOf } from "../../options/command-line.js";
import type { RunKind } from "../../train/recipes.js";
import { RUN_DEFAULTS } from "../../train/recipes.js";
import type { Checkpoint } from "../../train/training-types.js";
import { type ClassOptions, resolveClasses } from "../options/class-options.js";
import { checkTile, nearestTile } from "../train/resolve-run.js";

export interface GalleryNetworkOptions extends ClassOptions {
  model?: ArchitectureName;
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
): { model: ModelConfig; task?: Task | undefined; tile: number } {
  const defaults = RUN_DEFAULTS[kind];
  if (checkpoint) {
    const given = TOLD.find((key) => options[key] !== undefined);
    if (given)
      throw new Error(`${flagOf(given)}: the checkpoint already determines it; leave it out`);
  }
  const { model: architecture = "unet" } = options;
  const usual = { ...defaults.model, ...ownDefaults(architecture) };
  const { depth = usual.depth, base = usual.base } = options;
  const { model, task } =
    checkpoint?.metadata ??
    splitTask<ModelConfig>({
      ...usual,
      architecture,
      channels: 1,
      depth,
      base,
      ...resolveClasses(options, usual.classes),
    });
  // A default rarely fits another network than its own; a tile that is typed is used as given.
  const tile =
    options.tile ??
    checkpoint?.metadata.training?.tile ??
    nearestTile(defaults.training.tile, model);
  checkTile("--tile", tile, model);
  return { model, task, tile };
}
