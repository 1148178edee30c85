// Validation of single cells while a network is trained: the best separation and its figures on held-out
// images.

import { IGNORED, type LabelMap } from "../data/image-types.js";
import type { ObjectKind } from "../data/task.js";
import { type ClassProbabilities, cellProbability, cellsOfLabel } from "./cells-of-classes.js";
import { separationChooser } from "./choose-separation.js";

/** Takes one prediction after the other, and keeps only counts. */
export interface HeldOutCells {
  add(label: LabelMap, prediction: ClassProbabilities): void;
  /** The figures of the best separation; AP50 is NaN if there is no cell at all. */
  figures(): {
    readonly ap50: number;
    readonly countError: number;
    readonly separation: number | undefined;
    readonly cellThreshold: number | undefined;
  };
}

export function heldOutCells(kind: ObjectKind): HeldOutCells {
  const chooser = separationChooser();
  return {
    add(label, prediction) {
      const counted = label.data.includes(IGNORED)
        ? label.data.map((value) => Number(value !== IGNORED))
        : undefined;
      chooser.add(cellsOfLabel(label, kind), cellProbability(prediction, kind), counted);
    },
    figures() {
      const best = chooser.best();
      const { ap50 = Number.NaN, countError = Number.NaN } = best?.figures ?? {};
      return { ap50, countError, separation: best?.separation, cellThreshold: best?.threshold };
    },
  };
}
