// Manual corrections of objects: merge two that are one cell, split one that is two, delete what is not a cell.
// An edit refers to pixels of the image, not to numbers: it can be stored, and applied again to objects that
// are found later.

import { kindOf } from "../arguments/numbers.js";
import { areTouching, bridgeBetween } from "./bridge-objects.js";
import {
  type CutLine,
  deepestPixel,
  largestTwo,
  type PixelPlace,
  piecesOf,
  sideOf,
} from "./cut-object.js";
import { type EditableObjects, editableObjects } from "./editable-objects.js";
import type { ObjectLabels } from "./object-labels.js";

/** A correction. Each of its `points` lies in a cell that it changes. */
export type ObjectEdit =
  /** Makes one cell of two. */
  | { readonly kind: "merge"; readonly points: readonly [PixelPlace, PixelPlace] }
  /** Cuts a cell along a line, so that its two points are in two cells; `splitAlong` makes it from a line. */
  | {
      readonly kind: "split";
      readonly points: readonly [PixelPlace, PixelPlace];
      readonly line: readonly [PixelPlace, PixelPlace];
    }
  /** Makes a cell background. */
  | { readonly kind: "delete"; readonly points: readonly [PixelPlace] };

/**
 * Why an edit was skipped: a point hits no cell ("no-cell"); both points of a merge are in one cell
 * ("same-cell"), or its cells have more than 8 pixels of background or another cell between them ("too-far");
 * the points of a split are in two cells already ("already-split"), or the line does not divide them
 * ("not-divided").
 */
export type SkipReason = "no-cell" | "same-cell" | "too-far" | "already-split" | "not-divided";

/** An edit that was skipped. */
export interface SkippedEdit {
  /** Its index in the list. */
  readonly index: number;
  /** Why. */
  readonly reason: SkipReason;
}

/** Objects after edits. */
export interface EditedObjects {
  /** The objects. */
  readonly labels: ObjectLabels;
  /** The edits that do not fit these objects, in the order of the list. */
  readonly skipped: readonly SkippedEdit[];
}

/**
 * Applies edits, one after the other, to 4-connected objects such as those of `separateObjects`; the result is
 * 4-connected too. An edit that does not fit these objects is skipped and reported. If one was applied, all
 * objects are renumbered by their first pixels.
 *
 * - merge: cells that share an edge keep their pixels. Otherwise up to 8 pixels of background between them
 *   are filled where they are narrowest, since a cell is one piece.
 * - split: the cell becomes exactly two, and no pixel is lost. A line that ends within the cell is extended to
 *   its edge; further pieces join the side that they touch.
 * - delete: the pixels become background.
 *
 * `labels` is not changed. Cost: the boxes of the edited cells, and two passes over the image for a list of any
 * length. Throws a `RangeError` for points outside the image and for unknown kinds.
 */
export function editObjects(labels: ObjectLabels, edits: readonly ObjectEdit[]): EditedObjects {
  for (const [index, edit] of edits.entries()) checkEdit(edit, index, labels);
  if (edits.length === 0) return { labels, skipped: [] };
  const objects = editableObjects({ ...labels, data: labels.data.slice() });
  const skipped: SkippedEdit[] = [];
  for (const [index, edit] of edits.entries()) {
    const reason = make(edit, objects);
    if (reason) skipped.push({ index, reason });
  }
  if (skipped.length === edits.length) return { labels, skipped };
  return { labels: objects.renumbered(), skipped };
}

/**
 * The edit for a line from pixel to pixel that a user drew across a cell: of the cells that it divides, the one
 * with the most pixels under it. The points of the edit are the deepest pixels of the two largest pieces.
 * Undefined if the line divides no cell. Throws a `RangeError` for pixels outside of the image.
 */
export function splitAlong(
  labels: ObjectLabels,
  from: PixelPlace,
  to: PixelPlace,
): ObjectEdit | undefined {
  for (const place of [from, to]) checkPlace("splitAlong", place, labels);
  const line: CutLine = [from, to];
  const objects = editableObjects(labels);
  for (const object of underLine(labels, line)) {
    const pieces = piecesOf(objects, object, line);
    const largest = largestTwo(pieces);
    if (!largest) continue;
    const [one, other] = largest.map((piece) => deepestPixel(pieces, piece));
    return { kind: "split", points: [one, other], line };
  }
  return undefined;
}

function make(edit: ObjectEdit, objects: EditableObjects): SkipReason | undefined {
  const [a, b] = edit.points.map(({ x, y }) => objects.at(y * objects.width + x));
  if (a === 0 || b === 0) return "no-cell";
  if (edit.kind === "delete") objects.remove(a);
  else if (edit.kind === "merge") {
    if (a === b) return "same-cell";
    if (!areTouching(objects, a, b)) {
      const bridge = bridgeBetween(objects, a, b);
      if (bridge.length === 0) return "too-far";
      objects.give(a, bridge);
    }
    objects.join(a, b);
  } else {
    if (a !== b) return "already-split";
    const side = sideOf(piecesOf(objects, a, edit.line), objects.width, edit.points);
    if (!side) return "not-divided";
    objects.give(objects.add(), side);
  }
  return undefined;
}

/** The objects under the line, by falling number of pixels under it; at a tie the smaller number first. */
function underLine({ width, data }: ObjectLabels, [from, to]: CutLine): number[] {
  const pixels = new Set<number>();
  const steps = Math.max(1, 2 * Math.ceil(Math.hypot(to.x - from.x, to.y - from.y)));
  for (let step = 0; step <= steps; step++) {
    const x = Math.round(from.x + ((to.x - from.x) * step) / steps);
    const y = Math.round(from.y + ((to.y - from.y) * step) / steps);
    pixels.add(y * width + x);
  }
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(data[pixel], (counts.get(data[pixel]) ?? 0) + 1);
  counts.delete(0);
  return [...counts].sort(([a, m], [b, n]) => n - m || a - b).map(([object]) => object);
}

/** How many points each kind has. */
const POINTS: Readonly<Record<string, number>> = { merge: 2, split: 2, delete: 1 };

function checkEdit(edit: ObjectEdit, index: number, size: ObjectLabels): void {
  const what = `editObjects: edit ${index}`;
  const count = Object.hasOwn(POINTS, edit.kind) ? POINTS[edit.kind] : undefined;
  if (count === undefined) {
    throw new RangeError(`${what} has the kind ${edit.kind}, expected merge, split or delete`);
  }
  checkPlaces(what, "points", edit.points, count, size);
  if (edit.kind === "split") checkPlaces(what, "line", edit.line, 2, size);
}

function checkPlaces(
  what: string,
  name: string,
  places: readonly PixelPlace[],
  count: number,
  size: ObjectLabels,
): void {
  if (!Array.isArray(places) || places.length !== count) {
    const got = Array.isArray(places) ? `${places.length} pixels` : kindOf(places);
    throw new RangeError(`${what} has ${got} as ${name}, expected ${count}`);
  }
  for (const place of places) checkPlace(what, place, size);
}

function checkPlace(what: string, place: PixelPlace, { width, height }: ObjectLabels): void {
  const { x, y } = place ?? {};
  const isIn = (value: number, end: number) =>
    Number.isSafeInteger(value) && value >= 0 && value < end;
  if (isIn(x, width) && isIn(y, height)) return;
  throw new RangeError(
    `${what} has the pixel x ${x}, y ${y}, expected whole numbers from 0, x below ${width} and y below ` +
      `${height}`,
  );
}
