// Keys that move and zoom what a stage shows.

import type { Point } from "../canvas/geometry.js";
import { moved, zoomed } from "../canvas/viewport.js";
import type { StageView } from "./use-viewport.js";

/** Changes the view as the key says; false if it is none of these keys. `step`: pixels that an arrow moves. */
export function changeByKey(
  key: string,
  { change, refit }: StageView,
  centre: Point,
  step: number,
): boolean {
  if (key === "+" || key === "=") change((view) => zoomed(view, 1.25, centre));
  else if (key === "-") change((view) => zoomed(view, 0.8, centre));
  else if (key === "0") refit();
  else if (key === "ArrowLeft") change((view) => moved(view, step, 0));
  else if (key === "ArrowRight") change((view) => moved(view, -step, 0));
  else if (key === "ArrowUp") change((view) => moved(view, 0, step));
  else if (key === "ArrowDown") change((view) => moved(view, 0, -step));
  else return false;
  return true;
}
