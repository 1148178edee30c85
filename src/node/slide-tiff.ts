// The classes of a predicted slide as a TIFF file, for programs that do not read OME-Zarr.

import { join } from "node:path";
import type { ChunkSource } from "../data/chunk-source.js";
import { openZarrArray } from "../formats/slide/zarr-slide.js";
import { folderStore } from "./folder-store.js";
import type { SlideJob } from "./slide-job.js";
import { CLASSES } from "./slide-store.js";
import { writeTiledTiff } from "./tiled-tiff.js";

/**
 * Writes the classes of a complete slide as <name>-classes.tif next to its store: 8 bits, tiled, with the same
 * levels. Returns the path.
 */
export async function writeClassesTiff({ name, final, plan }: SlideJob): Promise<string> {
  const store = folderStore(final);
  const levels: ChunkSource[] = [];
  do {
    const path = `labels/${CLASSES}/${levels.length}`;
    levels.push(await openZarrArray(store, path, ["y", "x"]));
  } while (Math.max(levels[levels.length - 1].width, levels[levels.length - 1].height) > plan.side);
  const path = join(final, "..", `${name}-classes.tif`);
  await writeTiledTiff(path, levels, plan.side, plan.pixelSize ?? undefined);
  return path;
}
