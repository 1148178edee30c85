// The rows of the table: which cells it has, in which order, and which of them are in sight. Pure.

import type { FoundCells } from "../../cells/found-cells.js";
import { columnOf } from "../../cells/found-cells.js";

export interface Sorting {
  /** Name of the column. */
  readonly column: string;
  readonly isRising: boolean;
}

/** Indices of the cells that are kept, sorted; undefined values come last. */
export function rowOrder(
  found: Pick<FoundCells, "columns" | "count">,
  kept: Uint8Array,
  { column, isRising }: Sorting,
): Int32Array {
  const order = Int32Array.from({ length: found.count }, (_, index) => index).filter(
    (index) => kept[index + 1] === 1,
  );
  const values = columnOf(found, column);
  if (!values || column === "label") return isRising ? order : order.reverse();
  const sign = isRising ? 1 : -1;
  const key = (value: number) => (Number.isNaN(value) ? Infinity : sign * value);
  // Equal ones stay in the order of their numbers; Infinity - Infinity is NaN.
  return order.sort((a, b) => key(values[a]) - key(values[b]) || a - b);
}

/** The first row in sight and the one after the last, with some around them. */
export function rowsInSight(
  count: number,
  { top, height }: { readonly top: number; readonly height: number },
  rowHeight: number,
): readonly [first: number, end: number] {
  const around = 8;
  const first = Math.max(0, Math.floor(top / rowHeight) - around);
  const end = Math.min(count, Math.ceil((top + height) / rowHeight) + around);
  return [Math.min(first, end), end];
}
