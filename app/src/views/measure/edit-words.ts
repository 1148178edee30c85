// The texts of corrections of cells.

import type { ObjectEdit, SkippedEdit, SkipReason } from "../../../../src/objects/index.js";
import { countText, listText } from "../../state/words.js";

export type EditTool = "select" | ObjectEdit["kind"];

export const EDIT_TOOLS: readonly {
  readonly tool: EditTool;
  readonly title: string;
  readonly key: string;
  readonly hint: string;
}[] = [
  { tool: "select", title: "Select", key: "V", hint: "Click a cell. The Delete key deletes it." },
  {
    tool: "merge",
    title: "Merge",
    key: "M",
    hint: "Click two cells, or drag from one to the other.",
  },
  {
    tool: "split",
    title: "Split",
    key: "S",
    hint: "Drag a line across a cell, or click both ends of it.",
  },
  { tool: "delete", title: "Delete", key: "D", hint: "Click a cell." },
];

/** What to do after the first of two clicks. */
export const SECOND_CLICK = {
  merge: "Now click the other cell. Escape cancels.",
  split: "Now click the other end of the line. Escape cancels.",
} as const;

export const DONE: Readonly<Record<ObjectEdit["kind"], string>> = {
  merge: "Two cells merged into one.",
  split: "Cell split in two.",
  delete: "Cell deleted.",
};

/** Why nothing was changed. */
export const NOT_DONE: Readonly<Record<SkipReason, string>> = {
  "no-cell": "There is no cell at that place.",
  "same-cell": "Both places are in the same cell.",
  "too-far": "These cells are not next to each other, so they cannot be one.",
  "already-split": "The two sides are different cells already.",
  "not-divided": "That line divides no cell: draw it from edge to edge.",
};

const SKIPPED: Readonly<Record<SkipReason, string>> = {
  "no-cell": "its cell is no longer there",
  "same-cell": "its cells are one already",
  "too-far": "its cells are no longer next to each other",
  "already-split": "its cell is two already",
  "not-divided": "its line divides no cell",
};

/** The text about edits that do not fit the present cells; undefined if all fit. */
export function skippedText(skipped: readonly SkippedEdit[]): string | undefined {
  if (skipped.length === 0) return undefined;
  const reasons = [...new Set(skipped.map(({ reason }) => SKIPPED[reason]))];
  const without = countText(skipped.length, "edit does", "edits do");
  return `${without} not fit these cells: ${listText(reasons)}.`;
}
