// From pointers to gestures: a drag, or two clicks. Pure.

import type { Point } from "../../canvas/geometry.js";
import type { EditGesture } from "../../cells/proposed-edit.js";
import type { StageTool } from "../use-pointer.js";

/** A gesture that has begun: its line so far, and whether its second click is to come. */
export interface ShownGesture {
  readonly from: Point;
  readonly to: Point;
  readonly isWaiting: boolean;
}

interface GestureParts {
  show(gesture: ShownGesture | undefined): void;
  act(gesture: EditGesture): void;
}

/** Merging and splitting take two points, by a drag or by two clicks; deleting takes one click. */
export function gestureTool(kind: EditGesture["kind"], { show, act }: GestureParts): StageTool {
  /** The first of two clicks. */
  let first: Point | undefined;
  let pressed: { readonly from: Point; to: Point; readonly reach: number } | undefined;
  const end = () => {
    first = undefined;
    pressed = undefined;
    show(undefined);
  };
  return {
    down(at, reach) {
      pressed = { from: at, to: at, reach };
      if (kind !== "delete") show({ from: first ?? at, to: at, isWaiting: false });
    },
    move(at) {
      if (!pressed) return;
      pressed.to = at;
      if (kind !== "delete") show({ from: first ?? pressed.from, to: at, isWaiting: false });
    },
    up() {
      if (!pressed) return;
      const { from, to, reach } = pressed;
      const isClick = Math.hypot(to.x - from.x, to.y - from.y) <= reach;
      if (kind !== "delete" && isClick && !first) {
        first = from;
        pressed = undefined;
        show({ from, to: from, isWaiting: true });
        return;
      }
      const begin = kind === "delete" ? to : (first ?? from);
      end();
      act({ kind, from: begin, to });
    },
    cancel: end,
  };
}
