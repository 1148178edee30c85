// Compares predictions with labels, one after the other: the metrics that `evaluate` and `compare` print.

import type { ClassFields } from "../../data/classes.js";
import type { LabelMap } from "../../data/image-types.js";
import { challengeFigures, type JudgedSlice, judgeSlice } from "../../metrics/challenge.js";
import {
  type Confusion,
  classFigures,
  confusion,
  sumConfusions,
  wrongPixels,
} from "../../metrics/pixels.js";
import type { Slice } from "../../metrics/proposals.js";
import type { ObjectMatches } from "../../objects/match-objects.js";
import { objectFigures } from "../../objects/object-figures.js";
import type { Evaluation, Figures } from "./evaluate-report.js";

export interface Judge {
  /** Two classes: the metrics of the EM challenge; with `cells`, cells are separated by their numbers. */
  addSlice(name: string, slice: Slice, cells?: ObjectMatches): void;
  /** Any number of classes: by the pixels of each. */
  addClasses(
    name: string,
    label: LabelMap,
    predicted: Uint8Array,
    cells?: ObjectMatches | undefined,
  ): void;
  /** The metrics of each, and of all that were added. */
  evaluation(): Evaluation;
}

/**
 * Evaluates predictions of those classes; add all of them with the same function. `threshold` is that of
 * masks of two classes.
 */
export function createJudge({ classes, classNames: given }: ClassFields, threshold = 0.5): Judge {
  const slices = new Map<string, Figures>();
  const judged: JudgedSlice[] = [];
  const confusions: Confusion[] = [];
  const counted: ObjectMatches[] = [];
  const withCells = (cells: ObjectMatches | undefined) => {
    if (cells === undefined) return {};
    counted.push(cells);
    return { cells: objectFigures([cells]) };
  };
  return {
    addSlice(name, slice, cells) {
      const one = judgeSlice(slice, threshold);
      judged.push(one);
      slices.set(name, { ...challengeFigures([one]), ...withCells(cells) });
    },
    addClasses(name, label, predicted, cells) {
      const counts = confusion(predicted, label);
      confusions.push(counts);
      slices.set(name, { ...countedFigures([counts]), ...withCells(cells) });
    },
    evaluation() {
      const figures = judged.length > 0 ? challengeFigures(judged) : countedFigures(confusions);
      const all = counted.length > 0 ? { ...figures, cells: objectFigures(counted) } : figures;
      const names = given ?? (classes === 2 ? ["membrane", "cell"] : []);
      const classNames = Array.from({ length: classes }, (_, index) =>
        [index, names[index]].join(" ").trim(),
      );
      return { slices, all, classNames, given, threshold, failed: [] };
    },
  };
}

function countedFigures(confusions: readonly Confusion[]): Figures {
  const counts = sumConfusions(confusions);
  return { wrongPixels: wrongPixels(counts), classes: classFigures(counts) };
}
