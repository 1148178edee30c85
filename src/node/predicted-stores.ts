// Stores of OME-Zarr that `predict` wrote of slides, as predictions to judge and to measure.

import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { ClassList } from "../data/classes.js";
import { openZarrArray } from "../formats/slide/zarr-slide.js";
import { listFolder } from "./data-folder.js";
import { folderStore } from "./folder-store.js";
import { isStore, slideStem } from "./slide-file.js";
import { openJob } from "./slide-job.js";
import { CLASSES } from "./slide-store.js";

/** The parts of a store, by path. */
export interface PredictedStore {
  /** That of the slide. */
  readonly name: string;
  readonly path: string;
  /** What its masks hold, and their threshold. */
  readonly classes: ClassList;
  /** Where the class of each pixel is. */
  readonly mask: string;
  /** Where the number of each cell is, if objects were found. */
  readonly objects?: string | undefined;
}

const UNFINISHED = /\.partial\.ome\.zarr$/;

/**
 * Returns the store at a path, or those in a folder, in natural order; none if there is nothing of the kind. Throws if
 * the only ones are not complete.
 */
export async function predictedStores(input: string): Promise<PredictedStore[]> {
  const isOne = isStore(input);
  if (!isOne && !existsSync(input)) return [];
  const { folders } = isOne
    ? { folders: [] }
    : await listFolder(input).catch(() => ({ folders: [] }));
  const paths = isOne ? [input] : folders.map((name) => join(input, name));
  const written = paths.filter((path) => isStore(join(path, "labels", CLASSES)));
  const whole = written.filter((path) => !UNFINISHED.test(path));
  const unfinished = paths.find((path) => UNFINISHED.test(path));
  if (whole.length === 0 && unfinished !== undefined) {
    throw new Error(
      `${unfinished}: it is not complete: run predict again, or merge after its shards are done`,
    );
  }
  return Promise.all(whole.map(storeAt));
}

async function storeAt(path: string): Promise<PredictedStore> {
  const name = slideStem(path);
  const job = await openJob(dirname(resolve(path)), name);
  const { channels } = await openZarrArray(folderStore(path), "0", ["c", "y", "x"]);
  const classes: ClassList = job
    ? { ...job.plan.classFields, threshold: job.plan.threshold }
    : { classes: channels === 1 ? 2 : channels };
  const objects = join(path, "labels", "objects");
  const found = isStore(objects) ? { objects } : {};
  return { name, path, classes, mask: join(path, "labels", CLASSES), ...found };
}

/** Returns where the objects of a store are; the path itself if it is none that `predict` wrote. */
export async function objectsIn(path: string): Promise<string> {
  if (!isStore(path)) return path;
  const [store] = await predictedStores(path);
  if (!store) return path;
  if (store.objects) return store.objects;
  throw new Error(
    `${path}: it has probabilities and classes, expected objects: run predict again with --objects, or ` +
      `merge ${dirname(path) === "." ? "." : basename(dirname(resolve(path)))}`,
  );
}
