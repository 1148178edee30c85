// What a file says of a network that tells single cells apart, checked.

import { shown } from "../arguments/shown.js";
import { OBJECT_KINDS, type ObjectKind, type ObjectTask } from "./task.js";

/** Number of classes of labels of single cells. */
export function classesOfObjects(kind: ObjectKind): number {
  return kind === "border" ? 3 : 2;
}

/** Throws where a task is of no kind of cells that is known here, or fits no network of so many classes. */
export function checkObjects(objects: ObjectTask | undefined, classes: number): void {
  if (objects === undefined) return;
  const { kind, separation } = objects ?? {};
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
  if (separation === undefined || (typeof separation === "number" && separation >= 0)) return;
  throw new Error(`its separation of cells is ${shown(separation)}, expected pixels from 0`);
}
