// A slide to look at: wheel, fingers and keys zoom, dragging pans.

import type { HTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { SlideFacts } from "../../slides/messages.js";
import { useAppState } from "../context.js";
import { ClassToggles } from "../legend.js";
import { ScaleBarOf } from "../scale-bar.js";
import { usePointer } from "../use-pointer.js";
import { UNPLACED, useViewport } from "../use-viewport.js";
import { changeByKey } from "../view-keys.js";
import { drawSlide } from "./draw-slide.js";
import type { SlideScene } from "./slide-scene.js";

/** Milliseconds that a view must rest before it is segmented. */
const REST_MS = 200;

interface StageProps {
  readonly facts: SlideFacts;
  readonly scene: SlideScene;
  /** Counts what the scene loaded: the stage is drawn again. */
  readonly version: number;
  readonly hasClasses: boolean;
}

export function SlideStage({ facts, scene, version, hasClasses }: StageProps) {
  const { levels, name, pixelSize } = facts;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { opacity, look } = useAppState().view;
  const stage = useViewport(frame, levels[0]);
  const { view, refit } = stage;
  const pointer = usePointer(frame, stage, undefined);
  const density = globalThis.devicePixelRatio ?? 1;
  useLayoutEffect(() => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || view === UNPLACED) return;
    scene.see(view, box, density);
    const timer = setTimeout(scene.settle, REST_MS);
    return () => clearTimeout(timer);
  }, [scene, view, density]);
  useLayoutEffect(() => {
    const request = requestAnimationFrame(() => {
      const box = frame.current?.getBoundingClientRect();
      if (!box || !canvas.current) return;
      const [picture, overlay] = [scene.picture(), scene.overlay()];
      const strength = look.kind === "outlines" ? Math.sqrt(opacity) : opacity;
      const drawn = { levels, picture, overlay, opacity: strength };
      drawSlide(canvas.current, drawn, view, box, density);
    });
    return () => cancelAnimationFrame(request);
  }, [scene, view, density, version, opacity, look]);
  const onKeyDown = (event: KeyboardEvent) => {
    const box = frame.current?.getBoundingClientRect();
    // Ctrl and plus zoom the page itself.
    if (!box || event.ctrlKey || event.metaKey || event.altKey) return;
    const centre = { x: box.width / 2, y: box.height / 2 };
    if (!changeByKey(event.key, stage, centre, 80)) return;
    event.preventDefault();
  };
  const attributes: HTMLAttributes<HTMLDivElement> & { "data-complete": boolean } = {
    role: "application",
    // The keys need the focus.
    tabIndex: 0,
    "aria-label": `Slide ${name}. Plus and minus zoom, arrows pan, 0 fits.`,
    "data-complete": scene.isComplete(),
    onKeyDown,
  };
  return (
    <div class="stage-box">
      <div class="stage-tools">
        <strong class="slide-name">{name}</strong>
        {hasClasses ? <ClassToggles /> : null}
        <span class="zoom" aria-hidden="true">
          {zoomText(view.scale)}
        </span>
        <button type="button" class="small" onClick={refit}>
          Fit
        </button>
      </div>
      <div
        class="stage"
        ref={frame}
        style={{ cursor: pointer.isPanning ? "grabbing" : "grab" }}
        {...pointer.listeners}
        {...attributes}
      >
        <canvas ref={canvas} class="slide-canvas" />
        <ScaleBarOf size={pixelSize?.x} scale={view.scale} />
      </div>
    </div>
  );
}

/** Per cent of the full resolution. */
const zoomText = (scale: number) =>
  `${scale < 0.1 ? (100 * scale).toPrecision(2) : Math.round(100 * scale)} %`;
