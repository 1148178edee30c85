// The figures of `evaluate` for people and for programs: which number is which definition.

import type { ChallengeFigures } from "../metrics/challenge.js";
import type { ClassFigures } from "../metrics/pixels.js";
import { textTable } from "./format.js";

/** Figures of one slice, or of all. With more than two classes those of the classes alone. */
export type Figures = Pick<ChallengeFigures, "wrongPixels" | "classes"> & Partial<ChallengeFigures>;

export interface Evaluation {
  readonly slices: ReadonlyMap<string, Figures>;
  readonly all: Figures;
  /** By class index. */
  readonly classNames: readonly string[];
  /** Names that the classes were given, without their index. */
  readonly given?: readonly string[] | undefined;
}

export type Column = Exclude<keyof ChallengeFigures, "classes">;

/** In the order of the table: head, digits behind the point, definition. */
export const COLUMNS: Readonly<Record<Column, readonly [string, number, string]>> = {
  vRandThin: [
    "V_rand",
    4,
    "Rand F-score of the objects over the label's cells, after thinning borders to one pixel: " +
      "mean over slices, then the maximum over thresholds 0, 0.1 ... 1 (EM challenge of 2012)",
  ],
  vInfoThin: ["V_info", 4, "information-theoretic F-score, otherwise as V_rand"],
  randError: [
    "Rand error",
    4,
    "1 - the maximal Rand F-score over the label's cells, not thinned, pairs summed over slices; " +
      "not scikit-image's adapted Rand error",
  ],
  pixelErrorMaxF: [
    "pixel error",
    4,
    "1 - the maximal F-score of the cells' pixels over thresholds",
  ],
  wrongPixels: [
    "wrong pixels",
    4,
    "share of pixels whose class differs; of two classes, at threshold 0.5",
  ],
  warpingClassic: [
    "warping",
    6,
    "pixels that differ after warping the label at threshold 0.5, over all pixels (Jain 2010)",
  ],
  warpingSplitsMergers: [
    "splits+mergers",
    6,
    "pixels left after warping that split or merge objects within 20 pixels, over all, the " +
      "minimum over thresholds",
  ],
  warpingClustered: ["clustered", 6, "the same, pixels that touch counted once"],
  instanceIou: [
    "cell IoU",
    4,
    "mean IoU of the label's cells with the objects that cover more than half of them, at " +
      "threshold 0.5 (SEG of the cell tracking challenge)",
  ],
};

export const OF_A_CLASS: Readonly<Record<keyof ClassFigures, string>> = {
  iou: "TP / (TP + FP + FN)",
  dice: "2 TP / (2 TP + FP + FN)",
  precision: "TP / (TP + FP)",
  recall: "TP / (TP + FN)",
};

/**
 * `{ slices, all }`, and `classes` where they have names; figures of classes are arrays by class
 * index, what is no number is null.
 */
export function evaluationJson({ slices, all, given }: Evaluation): unknown {
  const plain = ({ classes, ...columns }: Figures) => ({
    ...columns,
    ...Object.fromEntries(
      Object.keys(OF_A_CLASS).map((figure) => [
        figure,
        classes.map((one) => one[figure as keyof ClassFigures]),
      ]),
    ),
  });
  return {
    slices: Object.fromEntries([...slices].map(([name, figures]) => [name, plain(figures)])),
    all: plain(all),
    ...(given ? { classes: given } : {}),
  };
}

/** The tables with a legend. */
export function evaluationLines({ slices, all, classNames }: Evaluation): string[] {
  const rows = [...slices, [`all ${slices.size}`, all] as const];
  const columns = (Object.keys(COLUMNS) as Column[]).filter((column) => all[column] !== undefined);
  const figures = Object.keys(OF_A_CLASS) as (keyof ClassFigures)[];
  const overall = rows.map(([name, row]) => [
    name,
    ...columns.map((column) => fixed(row[column] as number, COLUMNS[column][1])),
  ]);
  const byClass = rows.flatMap(([name, { classes }]) =>
    classes.map((one, index) => [
      name,
      classNames[index],
      ...figures.map((figure) => fixed(one[figure], 4)),
    ]),
  );
  return [
    ...textTable(["slice", ...columns.map((column) => COLUMNS[column][0])], overall),
    "",
    ...textTable(["slice", "class", ...figures], byClass, 2),
    "",
    ...columns.map((column) => `${COLUMNS[column][0]}: ${COLUMNS[column][2]}.`),
    ...figures.map((figure) => `${figure}: ${OF_A_CLASS[figure]} of the class's pixels.`),
    "A dash: nothing to count. Pixels that nobody labelled count nowhere.",
  ];
}

/** A figure with so many digits behind the point; a dash where there was nothing to count. */
export function fixed(value: number, digits: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(digits);
}
