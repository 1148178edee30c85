// The metrics of `evaluate` for people and for programs, with the definition of each.

import type { ChallengeFigures } from "../../metrics/challenge.js";
import type { ClassFigures } from "../../metrics/pixels.js";
import type { ObjectFigures } from "../../objects/object-figures.js";
import { textTable } from "../format.js";

/**
 * Metrics of one slice, or of all. With more than two classes only those of the classes; metrics of cells
 * only if labels or predictions number their cells.
 */
export type Figures = Pick<ChallengeFigures, "wrongPixels" | "classes"> &
  Partial<ChallengeFigures> & { readonly cells?: ObjectFigures };

export interface Evaluation {
  readonly slices: ReadonlyMap<string, Figures>;
  readonly all: Figures;
  /** By class index. */
  readonly classNames: readonly string[];
  /** Names that the classes were given, without their index. */
  readonly given?: readonly string[] | undefined;
  /** The threshold of masks of two classes. */
  readonly threshold: number;
  /** What could not be evaluated, and why. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
}

export type Column = Exclude<keyof ChallengeFigures, "classes">;

/** In the order of the table: head, decimal places, definition. */
export const COLUMNS: Readonly<Record<Column, readonly [string, number, string]>> = {
  vRandThin: [
    "V_rand",
    4,
    "Rand F-score of the objects over the label's cells, after thinning borders to one pixel: " +
      "mean over slices, then the maximum over thresholds 0, 0.1 ... 1 (EM challenge of 2012)",
  ],
  vInfoThin: ["V_info", 4, "information-theoretic F-score, computed as V_rand"],
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
    "share of pixels whose class differs; with two classes, at the threshold of the masks",
  ],
  warpingClassic: [
    "warping",
    6,
    "pixels that differ after warping the label at that threshold, over all pixels (Jain 2010)",
  ],
  warpingSplitsMergers: [
    "splits+mergers",
    6,
    "pixels left after warping that split or merge objects within 20 pixels, over all, the " +
      "minimum over thresholds",
  ],
  warpingClustered: ["clustered", 6, "the same, touching pixels counted once"],
  instanceIou: [
    "cell IoU",
    4,
    "mean IoU of the label's cells with the objects that cover more than half of them, at " +
      "that threshold (SEG of the cell tracking challenge)",
  ],
};

export const OF_A_CLASS: Readonly<Record<keyof ClassFigures, string>> = {
  iou: "TP / (TP + FP + FN)",
  dice: "2 TP / (2 TP + FP + FN)",
  precision: "TP / (TP + FP)",
  recall: "TP / (TP + FN)",
};

/** A figure of cells that is one number. */
type CellColumn = Exclude<keyof ObjectFigures, "averagePrecision">;

/** Heads, digits and keys of the tables of cells. */
export const OF_CELLS: readonly (readonly [string, number, CellColumn])[] = [
  ["cells", 0, "labelled"],
  ["predicted", 0, "predicted"],
  ["matched", 0, "matched"],
  ["precision", 4, "precision"],
  ["recall", 4, "recall"],
  ["F1", 4, "f1"],
  ["mean IoU", 4, "meanIou"],
];

export const OF_CELLS_FURTHER: typeof OF_CELLS = [
  ["AP50", 4, "ap50"],
  ["AP50-95", 4, "ap"],
  ["PQ", 4, "panopticQuality"],
  ["SEG", 4, "seg"],
  ["DET", 4, "det"],
  ["AJI", 4, "aggregatedJaccard"],
  ["count error", 4, "countError"],
];

/**
 * `{ slices, all }`, with `classes` if they have names, `cells` of each if cells are numbered, and
 * `failed` if files could not be evaluated. Metrics of classes are arrays by class index; NaN becomes null.
 */
export function evaluationJson({ slices, all, given, failed }: Evaluation): unknown {
  const plain = ({ classes, cells, ...columns }: Figures) => ({
    ...columns,
    ...Object.fromEntries(
      Object.keys(OF_A_CLASS).map((figure) => [
        figure,
        classes.map((one) => one[figure as keyof ClassFigures]),
      ]),
    ),
    ...(cells ? { cells } : {}),
  });
  return {
    slices: Object.fromEntries([...slices].map(([name, figures]) => [name, plain(figures)])),
    all: plain(all),
    ...(given ? { classes: given } : {}),
    ...(failed.length > 0 ? { failed } : {}),
  };
}

/** The tables with a legend. */
export function evaluationLines(evaluation: Evaluation): string[] {
  const { slices, all, classNames, threshold, failed } = evaluation;
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
    ...cellLines(rows),
    "",
    ...columns.map((column) => `${COLUMNS[column][0]}: ${COLUMNS[column][2]}.`),
    ...figures.map((figure) => `${figure}: ${OF_A_CLASS[figure]} of the class's pixels.`),
    ...(columns.length > 1 ? [`The threshold of the masks is ${threshold}.`] : []),
    "A dash: nothing to count. Unlabelled pixels are ignored.",
    ...failed.map(({ name, reason }) => `${name} was not evaluated: ${reason}`),
  ];
}

export const CELL_LEGEND: readonly string[] = [
  "AP50: average precision, TP / (TP + FP + FN) at an IoU of 0.5; AP50-95: its mean over 0.5, 0.55 ... 0.95 " +
    "(as Cellpose and StarDist define it).",
  "PQ: panoptic quality, the matches' IoU over TP + FP / 2 + FN / 2. AJI: aggregated Jaccard index.",
  "SEG, DET: of the Cell Tracking Challenge. count error: (predicted - cells) / cells.",
];

function cellLines(rows: readonly (readonly [string, Figures])[]): string[] {
  if (rows.every(([, { cells }]) => cells === undefined)) return [];
  const table = (columns: typeof OF_CELLS) =>
    textTable(
      ["slice", ...columns.map(([head]) => head)],
      rows.flatMap(([name, { cells }]) =>
        cells ? [[name, ...columns.map(([, digits, key]) => fixed(cells[key], digits))]] : [],
      ),
    );
  return [
    "",
    ...table(OF_CELLS),
    "",
    ...table(OF_CELLS_FURTHER),
    "",
    "cells: separated by their numbers, else connected components; each is matched with at most one " +
      "of an IoU of 0.5 or more. F1: 2 matched / (cells + predicted). mean IoU: of the matches.",
    ...CELL_LEGEND,
  ];
}

/** A metric with that many decimal places; a dash if there was nothing to count. */
export function fixed(value: number, digits: number): string {
  return Number.isNaN(value) ? "-" : value.toFixed(digits);
}
