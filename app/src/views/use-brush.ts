// The brush on the stage: strokes are drawn on the layer's canvas as the pointer moves, and become actions.

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Area, Point, Size } from "../canvas/geometry.js";
import { classLayer } from "../canvas/overlay.js";
import type { Surface } from "../canvas/surface.js";
import type { App } from "../commands/app.js";
import { beginStroke, type Stroke } from "../label/stroke.js";
import { emptyLabel } from "../state/project.js";
import type { ProjectImage } from "../state/project-types.js";
import { useApp, useAppState, useProject } from "./context.js";
import type { StageTool } from "./use-pointer.js";

/** Pixels that are drawn at once: a larger area is drawn when the stroke ends. */
const AT_ONCE = 2 ** 18;

export function useBrush({ name, raw, label }: ProjectImage): {
  readonly tool: StageTool;
  /** Strokes that were cancelled before their end. */
  readonly redraws: number;
  onLayer(surface: Surface): void;
} {
  const app = useApp();
  const { classes } = useProject();
  const { look } = useAppState().view;
  const stroke = useRef<Stroke>(undefined);
  const layer = useRef<Surface>(undefined);
  const [redraws, setRedraws] = useState(0);
  // A stroke ends if its label has changed meanwhile: undone by a key, or replaced by a file.
  useLayoutEffect(() => {
    stroke.current = undefined;
  }, [label]);
  const tool = useMemo((): StageTool => {
    const colours = classes.map(({ colour }) => colour);
    const paint = (area: Area | undefined) => {
      if (!area || !stroke.current || area.width * area.height > AT_ONCE) return;
      // Outlines also change in the pixels around the painted area.
      const around = grown(area, raw);
      const pixels = classLayer(stroke.current.data, raw.width, colours, look)(around);
      layer.current?.put(pixels, around);
    };
    return {
      down(at: Point) {
        const { brush } = app.state.peek();
        if (brush.tool !== "eraser") show(app, brush.classIndex);
        stroke.current = beginStroke(name, label ?? emptyLabel(raw, classes.length), brush);
        paint(stroke.current.to(at));
      },
      move: (at) => paint(stroke.current?.to(at)),
      up() {
        const done = stroke.current?.end();
        stroke.current = undefined;
        if (done) app.dispatch({ type: "paint", ...done });
      },
      cancel() {
        stroke.current = undefined;
        setRedraws((count) => count + 1);
      },
    };
  }, [app, name, raw, label, classes, look]);
  return {
    tool,
    redraws,
    onLayer(surface) {
      layer.current = surface;
    },
  };
}

/** Shows a hidden class when it is painted. */
function show({ state, dispatch }: App, index: number): void {
  const { look } = state.peek().view;
  if (look.kind !== "none" && !look.hidden.includes(index)) return;
  const kind = look.kind === "none" ? "filled" : look.kind;
  const hidden = look.hidden.filter((one) => one !== index);
  dispatch({ type: "view", changes: { look: { kind, hidden } } });
}

/** The area with the pixels around it. */
function grown({ x, y, width, height }: Area, image: Size): Area {
  const [left, top] = [Math.max(0, x - 1), Math.max(0, y - 1)];
  const [right, bottom] = [
    Math.min(image.width, x + width + 1),
    Math.min(image.height, y + height + 1),
  ];
  return { x: left, y: top, width: right - left, height: bottom - top };
}
