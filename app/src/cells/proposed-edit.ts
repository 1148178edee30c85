// From what the user does on the stage to a correction of cells. Pure.

import {
  editObjects,
  type ObjectEdit,
  type ObjectLabels,
  type PixelPlace,
  type SkipReason,
  splitAlong,
} from "../../../src/objects/index.js";
import type { Point, Size } from "../canvas/geometry.js";

/** A drag on the image, or two clicks: points in its pixels, which may lie outside. To delete, one click. */
export interface EditGesture {
  readonly kind: ObjectEdit["kind"];
  readonly from: Point;
  readonly to: Point;
}

/** The edit, or why there is none. */
export type ProposedEdit = { readonly edit: ObjectEdit } | { readonly reason: SkipReason };

export function proposedEdit(labels: ObjectLabels, { kind, from, to }: EditGesture): ProposedEdit {
  const [one, other] = [from, to].map((point) => nearestPixel(labels, point));
  if (kind === "split") {
    const edit = splitAlong(labels, one, other);
    return edit ? { edit } : { reason: "not-divided" };
  }
  if (![from, to].every((point) => isInside(labels, point))) return { reason: "no-cell" };
  const edit: ObjectEdit =
    kind === "delete" ? { kind, points: [one] } : { kind, points: [one, other] };
  const [skipped] = editObjects(labels, [edit]).skipped;
  return skipped ? { reason: skipped.reason } : { edit };
}

const isInside = ({ width, height }: Size, { x, y }: Point) =>
  x >= 0 && y >= 0 && x < width && y < height;

function nearestPixel({ width, height }: Size, { x, y }: Point): PixelPlace {
  const within = (value: number, end: number) => Math.max(0, Math.min(end - 1, Math.floor(value)));
  return { x: within(x, width), y: within(y, height) };
}
