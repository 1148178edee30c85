// The viewport of a stage: fits the image until the user zooms or pans; kept when the frame is resized.

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Area, Size } from "../canvas/geometry.js";
import { brought, fitted, resized, type Viewport } from "../canvas/viewport.js";

export interface StageView {
  readonly view: Viewport;
  /** Computes from the newest viewport: several events may arrive between two renderings. */
  change(next: (view: Viewport) => Viewport): void;
  /** Moves an area of the image into the frame if it is not there. */
  bring(area: Area, frame: Size): void;
  /** Fits the whole image, and keeps fitting it when the frame is resized. */
  refit(): void;
}

/** The view before the frame was measured. */
export const UNPLACED: Viewport = { scale: 1, left: 0, top: 0 };

/** `frame` is the element through which an image of this size is seen. */
export function useViewport(
  frame: { readonly current: HTMLElement | null },
  { width, height }: Size,
): StageView {
  const [view, setView] = useState(UNPLACED);
  const isFitted = useRef(true);
  const seen = useRef<Size>(undefined);
  const refit = () => {
    isFitted.current = true;
    if (frame.current) setView(fitted({ width, height }, sizeOf(frame.current)));
  };
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    refit();
    const observer = new ResizeObserver(() => {
      const [before, after] = [seen.current, sizeOf(element)];
      seen.current = after;
      if (isFitted.current || !before) refit();
      else setView((view) => resized(view, before, after));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [width, height]);
  return {
    view,
    change(next) {
      isFitted.current = false;
      setView(next);
    },
    bring(area, frame) {
      // A fitted image is there as a whole.
      if (!isFitted.current) setView((view) => brought(view, frame, area));
    },
    refit,
  };
}

function sizeOf(element: HTMLElement): Size {
  const { width, height } = element.getBoundingClientRect();
  return { width, height };
}
