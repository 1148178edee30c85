// How the cells of a network are separated, chosen on labelled images that it was not trained on: above which
// probability a pixel is cell, and how deep a neck must be.

import { countObjects, type ObjectCounts } from "../metrics/instances.js";
import { matchCounts, type ObjectMatches } from "./match-objects.js";
import { type ObjectFigures, objectFigures } from "./object-figures.js";
import type { ObjectLabels } from "./object-labels.js";
import {
  type CellProbability,
  prepareSeparation,
  type SeparationOptions,
} from "./separate-objects.js";

/** Separations to try, in pixels; the largest ones only split what nearly falls apart. */
export const SEPARATIONS: readonly number[] = [
  0.3, 0.4, 0.5, 0.6, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 9, 13, 20,
];

/** Probabilities to try, above which a pixel is cell. */
export const CELL_THRESHOLDS: readonly number[] = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8];

/** The best separation, and its figures. */
export interface ChosenSeparation {
  /** Above this probability a pixel is cell. */
  readonly threshold: number;
  /** How deep a neck must be, in pixels. */
  readonly separation: number;
  /** The figures of that threshold and separation. */
  readonly figures: ObjectFigures;
}

/** Takes one image after the other, and keeps only counts. */
export interface SeparationChooser {
  /** Adds an image with its label. */
  add(truth: ObjectLabels, cells: CellProbability, counted?: Uint8Array): void;
  /**
   * The threshold and the separation with the largest AP50 less a quarter of the count's error, in the mean over
   * their neighbours (`bestOfGrid`). Undefined if no image has a labelled object.
   */
  best(): ChosenSeparation | undefined;
}

/**
 * Starts a choice; the options are the same for all images (`separateObjects`). A threshold or a separation among them
 * is kept, and only the other one chosen.
 */
export function separationChooser(options: SeparationOptions = {}): SeparationChooser {
  const { threshold, separation, ...others } = options;
  const thresholds = threshold === undefined ? CELL_THRESHOLDS : [threshold];
  const separations = separation === undefined ? SEPARATIONS : [separation];
  const matches: ObjectMatches[][][] = thresholds.map(() => separations.map(() => []));
  return {
    add(truth, cells, counted) {
      for (const [row, threshold] of thresholds.entries()) {
        const { pieces, objectsOfPieces } = prepareSeparation(cells, { ...others, threshold });
        const counts = countObjects(truth.data, pieces.data, counted);
        for (const [column, separation] of separations.entries()) {
          matches[row][column].push(matchCounts(joined(counts, objectsOfPieces(separation))));
        }
      }
    },
    best() {
      const figures = matches.map((row) => row.map(objectFigures));
      const [row, column] = bestOfGrid(figures.map((all) => all.map(worthOf))) ?? [];
      if (row === undefined || column === undefined) return undefined;
      return {
        threshold: thresholds[row],
        separation: separations[column],
        figures: figures[row][column],
      };
    },
  };
}

/** How much one percent of error in the count may cost in AP50, in percent. */
const COUNT_SHARE = 0.25;

/** AP50 less a share of the count's error; a thousandth of the mean AP decides between equals. */
const worthOf = ({ ap50, ap, countError }: ObjectFigures) =>
  ap50 - COUNT_SHARE * Math.abs(countError) + 1e-3 * ap;

/**
 * The place of the largest mean over a place and its up to eight neighbours, [row, column]; the first at a tie. The
 * largest value of few images may be one of chance, with lower ones all around. Undefined if none is finite.
 */
export function bestOfGrid(
  values: readonly (readonly number[])[],
): readonly [number, number] | undefined {
  let best: { readonly at: readonly [number, number]; readonly value: number } | undefined;
  for (const [row, line] of values.entries()) {
    for (let column = 0; column < line.length; column++) {
      const around = values
        .slice(Math.max(0, row - 1), row + 2)
        .flatMap((one) => one.slice(Math.max(0, column - 1), column + 2));
      const value = around.reduce((sum, one) => sum + one, 0) / around.length;
      if (!Number.isFinite(value)) continue;
      if (best === undefined || value > best.value) best = { at: [row, column], value };
    }
  }
  return best?.at;
}

/** The counts of objects that are unions of pieces. */
function joined({ truths, proposals, both }: ObjectCounts, objects: Int32Array): ObjectCounts {
  const joinRow = (row: ReadonlyMap<number, number>) => {
    const sums = new Map<number, number>();
    for (const [piece, pixels] of row) {
      const object = objects[piece];
      if (object > 0) sums.set(object, (sums.get(object) ?? 0) + pixels);
    }
    return sums;
  };
  return {
    truths,
    proposals: joinRow(proposals),
    both: new Map([...both].map(([truth, row]) => [truth, joinRow(row)])),
  };
}
