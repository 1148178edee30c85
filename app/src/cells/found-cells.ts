// The cells of an image with their measurements, as plain columns of numbers.

import type { PixelSize, RawImage } from "../../../src/index.js";
import {
  type MeasuredImage,
  measurementColumns,
  measureObjects,
  type ObjectLabels,
  type SkippedEdit,
} from "../../../src/objects/index.js";
import { type CellFilter, isOpen } from "../state/cell-settings.js";

/** A column of the table: a number for each cell, NaN where something is not defined. */
export interface CellColumn {
  /** As in the CSV file: "area_px2". */
  readonly name: string;
  /** [count] */
  readonly values: Float64Array;
}

/** The cells of one image: `data` has their numbers, 1 to `count`. */
export interface FoundCells extends ObjectLabels {
  /** The columns of the CSV file, without that of the file. */
  readonly columns: readonly CellColumn[];
  /** Corrections that do not fit these cells. */
  readonly skipped: readonly SkippedEdit[];
}

/** The figures of an image in the list of all. */
export interface CellSummary {
  readonly count: number;
  /** In square micrometres, or pixels; NaN without a cell. */
  readonly meanArea: number;
  readonly unit: "µm²" | "px²";
}

/** Measures the cells, in the numbers of the image's file. `file`: what the table calls it. */
export function measuredImage(
  labels: ObjectLabels,
  image: RawImage,
  { file, pixelSize }: { readonly file: string; readonly pixelSize?: PixelSize | undefined },
): MeasuredImage {
  return { file, objects: measureObjects(labels, { image, pixelSize }), pixelSize };
}

/** The labels with the columns of their table. */
export function foundCells(
  labels: ObjectLabels,
  measured: MeasuredImage,
  skipped: readonly SkippedEdit[] = [],
): FoundCells {
  const columns = measurementColumns([measured])
    .filter(({ name }) => name !== "file")
    .map(({ name, value }): CellColumn => {
      const values = Float64Array.from(measured.objects, (object) => {
        const cell = value(object, measured);
        return typeof cell === "number" ? cell : Number.NaN;
      });
      return { name, values };
    });
  return { ...labels, columns, skipped };
}

export const columnOf = ({ columns }: Pick<FoundCells, "columns">, name: string) =>
  columns.find((column) => column.name === name)?.values;

/** [count + 1]: 1 for the numbers of the cells that pass the filter; 0 for the background. */
export function keptCells(
  cells: Pick<FoundCells, "columns" | "count">,
  filter: CellFilter,
): Uint8Array {
  const kept = new Uint8Array(cells.count + 1).fill(1, 1);
  if (isOpen(filter)) return kept;
  const border = filter.withoutBorder ? columnOf(cells, "touches_border") : undefined;
  const tests = Object.entries(filter.bounds).flatMap(([name, { least, most }]) => {
    const values = columnOf(cells, name);
    // An image of an earlier project may lack a channel or a pixel size: such a bound is ignored.
    return values ? [{ values, least: least ?? -Infinity, most: most ?? Infinity }] : [];
  });
  for (let index = 0; index < cells.count; index++) {
    const passes = tests.every(({ values, least, most }) => {
      return values[index] >= least && values[index] <= most;
    });
    if (!passes || border?.[index] === 1) kept[index + 1] = 0;
  }
  return kept;
}

export function summaryOf(
  cells: Pick<FoundCells, "columns" | "count">,
  filter: CellFilter,
): CellSummary {
  const kept = keptCells(cells, filter);
  const micrometres = columnOf(cells, "area_um2");
  const areas = micrometres ?? columnOf(cells, "area_px2") ?? new Float64Array();
  let [count, sum] = [0, 0];
  for (let index = 0; index < cells.count; index++) {
    if (kept[index + 1] === 0) continue;
    count++;
    sum += areas[index];
  }
  return { count, meanArea: sum / count, unit: micrometres ? "µm²" : "px²" };
}
