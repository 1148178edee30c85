// The store that the prediction of a slide is written to: probabilities as the image, class indices as
// its labels (docs/slides.md).

import { classLegend } from "../data/classes.js";
import type { Tile } from "../data/mirror.js";
import { createZarrArray, type NewArray } from "../formats/slide/zarr-writer.js";
import { predictedClasses } from "../metrics/pixels.js";
import { folderStore } from "./folder-store.js";
import type { SlideJob, SlidePlan } from "./slide-job.js";

/** The label image of the classes, below "labels". */
export const CLASSES = "classes";

/** The numbers of a chunk as they are stored. */
export interface StoredChunk {
  /** By plane, [height][width]: probability times 65535, rounded. */
  readonly planes: readonly Uint16Array[];
  /** [height][width] class indices. */
  readonly indices: Uint8Array;
}

/** The classes whose probabilities are stored: class 1 of two, all of more. */
export function storedClasses(classes: number): number[] {
  return classes === 2 ? [1] : Array.from({ length: classes }, (_, index) => index);
}

/** The array of the probabilities, [planes][height][width]. */
export function probabilityArray({ version, width, height, side, classes }: SlidePlan): NewArray {
  const shape = [storedClasses(classes).length, height, width];
  return { version, shape, side, type: "uint16", axes: ["c", "y", "x"] };
}

/** A label image, [height][width], of the size of the plane. */
export function labelArray(
  { version, width, height, side }: SlidePlan,
  type: NewArray["type"],
): NewArray {
  return { version, shape: [height, width], side, type, axes: ["y", "x"] };
}

/** Converts the probabilities of a chunk, [classes][height][width], to what is stored. */
export function storedChunk(
  probabilities: Float32Array,
  { classes, threshold }: Pick<SlidePlan, "classes" | "threshold">,
): StoredChunk {
  const pixels = probabilities.length / classes;
  const planes = storedClasses(classes).map((index) => {
    const plane = probabilities.subarray(index * pixels, (index + 1) * pixels);
    const stored = new Uint16Array(pixels);
    for (let i = 0; i < pixels; i++) stored[i] = 65535 * plane[i] + 0.5;
    return stored;
  });
  return { planes, indices: predictedClasses(probabilities, classes, threshold) };
}

/**
 * Creates the arrays of the full resolution and returns a function that writes a chunk to them. Any
 * number of processes may do so: they write the same metadata.
 */
export async function openSlideStore({ partial, plan, grid }: SlideJob) {
  const store = folderStore(partial);
  const probabilities = await createZarrArray(store, "0", probabilityArray(plan));
  const labels = labelArray(plan, "uint8");
  const classes = await createZarrArray(store, `labels/${CLASSES}/0`, labels);
  return async (index: number, area: Tile, { planes, indices }: StoredChunk): Promise<void> => {
    const place = [Math.floor(index / grid.columns), index % grid.columns];
    for (const [channel, plane] of planes.entries()) {
      await probabilities.write([channel, ...place], area, plane);
    }
    await classes.write(place, area, indices);
  };
}

/** Names of the planes of probabilities, for viewers. */
export function planeNames({ classes, classFields }: SlidePlan): string[] {
  const { names } = classLegend(classFields);
  return storedClasses(classes).map((index) => `probability of ${names[index]}`);
}
