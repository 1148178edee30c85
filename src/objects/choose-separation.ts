// The separation of a network, chosen on labelled images that it was not trained on.

import { matchObjects, type ObjectMatches } from "./match-objects.js";
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

/** The best separation, and its figures. */
export interface ChosenSeparation {
  /** The separation with the best figures. */
  readonly separation: number;
  /** The figures of that separation. */
  readonly figures: ObjectFigures;
}

/** Takes one image after the other, and keeps only counts. */
export interface SeparationChooser {
  /** Adds an image with its label. */
  add(truth: ObjectLabels, cells: CellProbability, counted?: Uint8Array): void;
  /**
   * The separation with the largest AP50 over all images; at a tie the largest mean AP decides, then the
   * smallest separation. Undefined if no image has an object, labelled or predicted.
   */
  best(): ChosenSeparation | undefined;
}

/** Starts a choice of the separation; the options are the same for all images (`separateObjects`). */
export function separationChooser(
  options: Omit<SeparationOptions, "separation"> = {},
): SeparationChooser {
  const matches: ObjectMatches[][] = SEPARATIONS.map(() => []);
  return {
    add(truth, cells, counted) {
      const prepared = prepareSeparation(cells, options);
      for (const [i, separation] of SEPARATIONS.entries()) {
        matches[i].push(matchObjects(truth, prepared.at(separation), counted));
      }
    },
    best() {
      const all = SEPARATIONS.map((separation, i) => {
        return { separation, figures: objectFigures(matches[i]) };
      }).filter(({ figures }) => !Number.isNaN(figures.ap50));
      if (all.length === 0) return undefined;
      const value = ({ figures }: ChosenSeparation) => figures.ap50 + 1e-3 * figures.ap;
      return all.reduce((best, one) => (value(one) > value(best) ? one : best));
    },
  };
}
