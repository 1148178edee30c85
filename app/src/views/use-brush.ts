// The brush on the stage: strokes follow the pointer on the layer's canvas, and become actions.

import { useMemo, useRef, useState } from "preact/hooks";
import type { Area, Point } from "../canvas/geometry.js";
import { classLayer } from "../canvas/layers.js";
import type { Surface } from "../canvas/surface.js";
import { beginStroke, type Stroke } from "../label/stroke.js";
import { emptyLabel } from "../state/project.js";
import type { ProjectImage } from "../state/types.js";
import { useApp, useProject } from "./context.js";
import type { StageTool } from "./image-stage.js";

/** Pixels that are drawn at once: a larger area is drawn with the label that the stroke ends as. */
const AT_ONCE = 2 ** 18;

export function useBrush({ name, raw, label }: ProjectImage): {
  readonly tool: StageTool;
  /** Strokes that were taken back before their end. */
  readonly redraws: number;
  onLayer(surface: Surface): void;
} {
  const app = useApp();
  const { classes } = useProject();
  const stroke = useRef<Stroke>(undefined);
  const layer = useRef<Surface>(undefined);
  const [redraws, setRedraws] = useState(0);
  const tool = useMemo((): StageTool => {
    const colours = classes.map(({ colour }) => colour);
    const paint = (area: Area | undefined) => {
      if (!area || !stroke.current || area.width * area.height > AT_ONCE) return;
      const pixels = classLayer(stroke.current.data, raw.width, colours)(area);
      layer.current?.put(pixels, area);
    };
    return {
      down(at: Point) {
        const { brush } = app.state.peek();
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
  }, [app, name, raw, label, classes]);
  return {
    tool,
    redraws,
    onLayer(surface) {
      layer.current = surface;
    },
  };
}
