// One stroke, from pressing the pointer to releasing it: it paints into a copy of the label and results in a
// label and the patch that undoes it.

import { IGNORED, type LabelMap } from "../../../src/index.js";
import type { Area, Point } from "../canvas/geometry.js";
import type { Brush, LabelPatch } from "../state/types.js";
import { copied, fillFrom, paintLine, united } from "./paint.js";

export interface Stroke {
  /** Continues to a point. Returns the area that was painted, to be drawn again. */
  to(point: Point): Area | undefined;
  /** The label while it is painted. */
  readonly data: Uint8Array;
  /** Undefined if nothing was painted. */
  end(): { readonly label: LabelMap; readonly patch: LabelPatch } | undefined;
}

/** Begins a stroke on the label of an image. */
export function beginStroke(image: string, label: LabelMap, brush: Brush): Stroke {
  const { width, height } = label;
  const painting = { width, height, data: label.data.slice() };
  const value = brush.tool === "eraser" ? IGNORED : brush.classIndex;
  let last: Point | undefined;
  let touched: Area | undefined;
  return {
    data: painting.data,
    to(point) {
      let area: Area | undefined;
      if (brush.tool !== "fill") {
        area = paintLine(painting, [last ?? point, point], brush.radius, value);
      } else if (!last) area = fillFrom(painting, point, value);
      last = point;
      touched = united(touched, area);
      return area;
    },
    end() {
      if (!touched) return undefined;
      const before = copied(label.data, width, touched);
      return { label: { ...label, data: painting.data }, patch: { image, area: touched, before } };
    },
  };
}
