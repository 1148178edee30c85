// Predictions against labels, one after the other: the figures that `evaluate` and `compare` print.

import type { ClassFields } from "../data/classes.js";
import type { LabelMap } from "../data/types.js";
import { challengeFigures, type JudgedSlice, judgeSlice } from "../metrics/challenge.js";
import {
  type Confusion,
  classFigures,
  confusion,
  sumConfusions,
  wrongPixels,
} from "../metrics/pixels.js";
import type { Slice } from "../metrics/proposals.js";
import type { Evaluation, Figures } from "./evaluate-report.js";

export interface Judge {
  /** Of two classes: by the figures of the EM challenge. */
  addSlice(name: string, slice: Slice): void;
  /** Of any number of classes: by the pixels of each. */
  addClasses(name: string, label: LabelMap, predicted: Uint8Array): void;
  /** The figures of each, and of all that were added. */
  evaluation(): Evaluation;
}

/** A judge of predictions of those classes, all of them added by the same function. */
export function createJudge({ classes, classNames: given }: ClassFields): Judge {
  const slices = new Map<string, Figures>();
  const judged: JudgedSlice[] = [];
  const confusions: Confusion[] = [];
  return {
    addSlice(name, slice) {
      const one = judgeSlice(slice);
      judged.push(one);
      slices.set(name, challengeFigures([one]));
    },
    addClasses(name, label, predicted) {
      const counts = confusion(predicted, label);
      confusions.push(counts);
      slices.set(name, countedFigures([counts]));
    },
    evaluation() {
      const all = judged.length > 0 ? challengeFigures(judged) : countedFigures(confusions);
      const names = given ?? (classes === 2 ? ["membrane", "cell"] : []);
      const classNames = Array.from({ length: classes }, (_, index) =>
        [index, names[index]].join(" ").trim(),
      );
      return { slices, all, classNames, given };
    },
  };
}

function countedFigures(confusions: readonly Confusion[]): Figures {
  const counts = sumConfusions(confusions);
  return { wrongPixels: wrongPixels(counts), classes: classFigures(counts) };
}
