// The result of `compare` for people and for programs: `compare.json`.

import type { TrainingResult } from "../../train/training-types.js";
import {
  CELL_LEGEND,
  COLUMNS,
  type Column,
  type Evaluation,
  evaluationJson,
  fixed,
  OF_CELLS,
  OF_CELLS_FURTHER,
} from "../evaluate/evaluate-report.js";
import { duration, grouped, textTable } from "../format.js";

/** One network of a comparison: how it was trained, and its metrics. */
export interface Standing {
  readonly name: string;
  readonly parameters: number;
  /** Sides in pixels of a training tile and of its output. */
  readonly tile: number;
  readonly output: number;
  readonly steps: number;
  /** Number of label pixels that it was trained on. */
  readonly seenPixels: number;
  readonly elapsedMs: number;
  /** The evaluated checkpoint: the one with the lowest validation loss. */
  readonly best: TrainingResult["best"];
  readonly evaluation: Evaluation;
}

/** The entry in `compare.json` of a network that is trained and evaluated. */
export function standingJson(standing: Standing): Record<string, unknown> {
  const { name: _name, evaluation, elapsedMs, ...rest } = standing;
  return { ...rest, elapsedMs: Math.round(elapsedMs), ...(evaluationJson(evaluation) as object) };
}

/** One column per network, one row per metric, then the definitions of the metrics. */
export function comparisonLines(standings: readonly Standing[]): string[] {
  const [{ evaluation: first }] = standings;
  const columns = (Object.keys(COLUMNS) as Column[]).filter((key) => first.all[key] !== undefined);
  const hasCells = standings.some(({ evaluation }) => evaluation.all.cells);
  const ofCells = hasCells ? [...OF_CELLS, ...OF_CELLS_FURTHER] : [];
  const row = (head: string, cell: (standing: Standing) => string) => [
    head,
    ...standings.map(cell),
  ];
  const ofClass = (figure: "iou" | "dice") =>
    first.classNames.map((name, index) =>
      row(`${figure} of ${name}`, ({ evaluation }) =>
        fixed(evaluation.all.classes[index][figure], 4),
      ),
    );
  return [
    ...textTable(
      row("network", ({ name }) => name),
      [
        row("parameters", ({ parameters }) => grouped(parameters)),
        row("tile, output", ({ tile, output }) => `${tile}, ${output}`),
        row("steps", ({ steps }) => grouped(steps)),
        row("pixels seen", (one) => grouped(one.seenPixels)),
        row("training time", ({ elapsedMs }) => duration(elapsedMs)),
        row("best at step", ({ best }) => (best ? grouped(best.step) : "-")),
        ...columns.map((column) =>
          row(COLUMNS[column][0], ({ evaluation }) =>
            fixed(evaluation.all[column] as number, COLUMNS[column][1]),
          ),
        ),
        ...ofCells.map(([head, digits, key]) =>
          row(head, ({ evaluation }) => fixed(evaluation.all.cells?.[key] ?? Number.NaN, digits)),
        ),
        ...ofClass("iou"),
        ...ofClass("dice"),
      ],
    ),
    "",
    `On ${first.slices.size} held-out images, with the checkpoint that has the lowest loss on them.`,
    ...columns.map((column) => `${COLUMNS[column][0]}: ${COLUMNS[column][2]}.`),
    ...(hasCells ? CELL_LEGEND : []),
  ];
}
