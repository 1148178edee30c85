// Which pixels are cells, by the classes of a prediction.

import type { ObjectKind, Prediction } from "../../../src/index.js";
import type { CellProbability } from "../../../src/objects/index.js";

/** Views of a prediction, not copies: the page sends them to a Worker. */
export interface CellPlanes {
  readonly width: number;
  readonly height: number;
  /** [height][width]: probability of the cell, or of the background. */
  readonly plane: Float32Array;
  readonly isBackground: boolean;
  /** Of a cell without its border, if the network has a class for the border. */
  readonly inside?: Float32Array;
}

/**
 * By default, as for `micrograph predict`: every class but the first, and borders by the kind of the network.
 */
export function cellPlanes(
  { width, height, classes, probabilities }: Prediction,
  cellClass: number | undefined,
  kind: ObjectKind | undefined,
): CellPlanes {
  const pixels = width * height;
  const planeOf = (index: number) => probabilities.subarray(index * pixels, (index + 1) * pixels);
  const chosen = cellClass ?? (classes === 2 ? 1 : undefined);
  if (chosen !== undefined) return { width, height, plane: planeOf(chosen), isBackground: false };
  const inside = kind === "border" ? { inside: planeOf(1) } : {};
  return { width, height, plane: planeOf(0), isBackground: true, ...inside };
}

/** What `separateObjects` takes. */
export function cellsOfPlanes({
  width,
  height,
  plane,
  isBackground,
  inside,
}: CellPlanes): CellProbability {
  const cell = isBackground ? plane.map((background) => 1 - background) : plane;
  return { width, height, cell, inside };
}
