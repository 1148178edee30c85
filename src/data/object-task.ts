// Checks what a file says about a network for single cells.

import { shown } from "../arguments/shown.js";
import { OBJECT_KINDS, type ObjectKind, type ObjectTask } from "./task.js";

/** Number of classes in labels of single cells. */
export function classesOfObjects(kind: ObjectKind): number {
  return kind === "border" ? 3 : 2;
}

/** Throws if the task's kind of cells is unknown, or does not fit the number of classes. */
export function checkObjects(objects: ObjectTask | undefined, classes: number): void {
  if (objects === undefined) return;
  const { kind, separation, threshold } = objects ?? {};
  if (!OBJECT_KINDS.includes(kind)) {
    throw new Error(
      `its cells are of the kind ${shown(kind)}, expected ${OBJECT_KINDS.join(" or ")}: another version ` +
        "of micrograph may know it",
    );
  }
  if (classes !== classesOfObjects(kind)) {
    throw new Error(
      `cells of the kind ${kind} have ${classesOfObjects(kind)} classes, got a network of ${classes}`,
    );
  }
  if (separation !== undefined && !(typeof separation === "number" && separation >= 0)) {
    throw new Error(`its separation of cells is ${shown(separation)}, expected pixels from 0`);
  }
  const isProbability = typeof threshold === "number" && threshold >= 0 && threshold < 1;
  if (threshold === undefined || isProbability) return;
  throw new Error(
    `its threshold of cells is ${shown(threshold)}, expected a probability from 0 and below 1`,
  );
}
