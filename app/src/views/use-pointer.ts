// Pointers on a stage. One finger, a pen or the main button uses the tool; two fingers zoom and pan and never
// paint; other buttons, Shift and a drag, or any drag without a tool pan.

import { useRef, useState } from "preact/hooks";
import type { Point } from "../canvas/geometry.js";
import { moved, pinched, toImage, zoomed } from "../canvas/viewport.js";
import type { StageView } from "./use-viewport.js";

/** What the main pointer does on the image. */
export interface StageTool {
  /** `reach`: by how many pixels of the image a click may move. */
  down(at: Point, reach: number): void;
  move(at: Point): void;
  up(): void;
  /** Cancels what was done since `down`. */
  cancel(): void;
}

export type Pointer = ReturnType<typeof usePointer>;

type Drag = "tool" | "pan" | "pinch";

/** Pixels that a pointer may move while it clicks. */
const CLICK = 4;

/** `onClick` takes a click on the image that uses no tool. */
export function usePointer(
  frame: { readonly current: HTMLElement | null },
  { view, change }: StageView,
  tool: StageTool | undefined,
  onClick?: (at: Point) => void,
) {
  const [drag, setDrag] = useState<Drag>();
  const [over, setOver] = useState<{ readonly at: Point; readonly isByKey: boolean }>();
  /** The place of each pressed pointer, in the order of pressing. */
  const down = useRef(new Map<number, Point>()).current;
  /** The current gesture, known before the next rendering. */
  const doing = useRef<Drag>(undefined);
  /** The pen that is down: the palm may rest on the screen. */
  const pen = useRef<number>(undefined);
  /** Where a click of the main button may have begun. */
  const clicked = useRef<Point>(undefined);
  const begin = (kind: Drag | undefined) => {
    doing.current = kind;
    setDrag(kind);
  };
  const at = (event: MouseEvent): Point => {
    const box = frame.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const end = (event: PointerEvent) => {
    const { pointerId } = event;
    if (pointerId === pen.current) pen.current = undefined;
    if (!down.delete(pointerId)) return;
    if (doing.current === "tool") tool?.up();
    if (clicked.current && event.type === "pointerup") onClick?.(toImage(view, clicked.current));
    clicked.current = undefined;
    // Lifting one of two fingers does not start painting with the other.
    if (doing.current !== "pinch" || down.size === 0) begin(undefined);
  };
  return {
    isPanning: drag === "pan" || drag === "pinch",
    /** Where the pointer is in the frame, while it is there. */
    at: drag === "pinch" ? undefined : over?.at,
    /** Whether that place is where keys act. */
    isByKey: over?.isByKey === true,
    /** Shows keyboard users where the tool acts. */
    show: (at: Point) => setOver({ at, isByKey: true }),
    listeners: {
      onWheel(event: WheelEvent) {
        event.preventDefault();
        change((view) => zoomed(view, Math.exp(-event.deltaY / 500), at(event)));
      },
      // The right button pans: its menu would open at the end of each drag.
      onContextMenu: (event: MouseEvent) => event.preventDefault(),
      onPointerDown(event: PointerEvent) {
        if (event.pointerType === "touch" && pen.current !== undefined) return;
        if (event.pointerType === "pen") {
          if (doing.current === "tool") tool?.cancel();
          down.clear();
          pen.current = event.pointerId;
        }
        frame.current?.setPointerCapture(event.pointerId);
        down.set(event.pointerId, at(event));
        clicked.current = undefined;
        if (down.size > 1) {
          if (doing.current === "tool") tool?.cancel();
          begin("pinch");
          return;
        }
        const isTool = tool && event.button === 0 && !event.shiftKey;
        begin(isTool ? "tool" : "pan");
        if (isTool) tool.down(toImage(view, at(event)), CLICK / view.scale);
        else if (event.button === 0) clicked.current = at(event);
      },
      onPointerLeave: () => setOver(undefined),
      onPointerMove(event: PointerEvent) {
        const [before, point] = [down.get(event.pointerId), at(event)];
        setOver({ at: point, isByKey: false });
        if (!before) return;
        const from = clicked.current;
        if (from && Math.hypot(point.x - from.x, point.y - from.y) > CLICK) {
          clicked.current = undefined;
        }
        const fingers = [...down.keys()].slice(0, 2);
        const [first, second] = fingers.map((id) => down.get(id) as Point);
        down.set(event.pointerId, point);
        if (doing.current === "tool") tool?.move(toImage(view, point));
        if (doing.current === "pan") {
          change((view) => moved(view, point.x - before.x, point.y - before.y));
        }
        if (doing.current === "pinch" && second && fingers.includes(event.pointerId)) {
          const [a, b] = fingers.map((id) => down.get(id) as Point);
          change((view) => pinched(view, [first, second], [a, b]));
        }
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}
