// From class maps and probabilities to cells, by what the network was trained on.

import { connectedComponents } from "../data/components.js";
import type { LabelMap } from "../data/image-types.js";
import type { ObjectKind } from "../data/task.js";
import { type ObjectLabels, objectLabels } from "./object-labels.js";
import type { CellProbability } from "./separate-objects.js";

/** Probabilities of a whole image, as `Predictor.predict` gives them. */
export interface ClassProbabilities {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Number of classes. */
  readonly classes: number;
  /** [classes][height][width] */
  readonly probabilities: Float32Array;
}

/**
 * Which pixels are cells: class 1 of two classes, or every class except 0. With `kind` "border" class 1 is a
 * cell without its border, and class 2 the border. With two classes the result is a view, not a copy.
 */
export function cellProbability(
  { width, height, classes, probabilities }: ClassProbabilities,
  kind: ObjectKind | undefined,
): CellProbability {
  const pixels = width * height;
  const inside = probabilities.subarray(pixels, 2 * pixels);
  if (classes === 2) return { width, height, cell: inside };
  const cell = probabilities.slice(0, pixels);
  for (let pixel = 0; pixel < pixels; pixel++) cell[pixel] = 1 - cell[pixel];
  return { width, height, cell, ...(kind === "border" ? { inside } : {}) };
}

/**
 * The cells of a label of this kind: 4-connected components of class 1, which with borders grow into class 2 at
 * one speed. So touching cells get their numbers back, except for the pixels of the gap.
 */
export function cellsOfLabel({ width, height, data }: LabelMap, kind: ObjectKind): ObjectLabels {
  const inside = Uint8Array.from(data, (value) => Number(value === 1));
  const cells = connectedComponents(inside, width, height);
  if (kind === "border") growInto(cells.labels, data, width);
  return objectLabels(cells, width, height);
}

/** Gives each pixel of class 2 the number of the nearest cell in 4-connected steps; at a tie the first. */
function growInto(labels: Int32Array, classes: Uint8Array, width: number): void {
  const queue = new Int32Array(labels.length);
  let end = 0;
  for (let pixel = 0; pixel < labels.length; pixel++) if (labels[pixel] > 0) queue[end++] = pixel;
  for (let next = 0; next < end; next++) {
    const pixel = queue[next];
    const x = pixel % width;
    const around = [
      pixel - width,
      x > 0 ? pixel - 1 : -1,
      x < width - 1 ? pixel + 1 : -1,
      pixel + width,
    ];
    for (const other of around) {
      if (classes[other] !== 2 || labels[other] !== 0) continue;
      labels[other] = labels[pixel];
      queue[end++] = other;
    }
  }
}
