// The separation of a network, chosen on labelled images that it was not trained on.

import { matchObjects, type ObjectMatches } from "./match-objects.js";
import { type ObjectFigures, objectFigures } from "./object-figures.js";
import type { ObjectLabels } from "./object-labels.js";
import {
  type CellProbability,
  prepareSeparation,
  type SeparationOptions,
} from "./separate-objects.js";

/** Separations that are tried, in pixels; the largest part only what nearly falls apart. */
export const SEPARATIONS: readonly number[] = [
  0.3, 0.4, 0.5, 0.6, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6, 9, 13, 20,
];

/** The separation that serves best, and the figures with it. */
export interface ChosenSeparation {
  /** The separation with the best figures. */
  readonly separation: number;
  /** The figures of that separation. */
  readonly figures: ObjectFigures;
}

/** Takes image after image, and keeps only counts of them. */
export interface SeparationChooser {
  /** Adds an image with its label. */
  add(truth: ObjectLabels, cells: CellProbability, counted?: Uint8Array): void;
  /**
   * The separation of the largest AP50 over all images; of equal ones that of the largest mean AP, then the
   * smallest. Undefined where no image has an object, labelled or predicted.
   */
  best(): ChosenSeparation | undefined;
}

/** Opens a choice of the separation; the options hold for all images (`separateObjects`). */
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
