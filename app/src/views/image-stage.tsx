// An image to look at closely: wheel, fingers and keys zoom, dragging moves it, a layer of colours lies
// over it. What a tool does on it, its user says; the space key does it in the middle.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RawImage } from "../../../src/index.js";
import { drawLayer } from "../canvas/draw.js";
import type { Point, Size } from "../canvas/geometry.js";
import { contrastRanges, imageLayer, type Layer } from "../canvas/layers.js";
import type { Surface } from "../canvas/surface.js";
import { moved, toImage, zoomed } from "../canvas/viewport.js";
import { useAppState, useSurfaces } from "./context.js";
import { usePointer } from "./use-pointer.js";
import { useViewport } from "./use-viewport.js";

export interface StageTool {
  down(at: Point): void;
  move(at: Point): void;
  up(): void;
  /** Takes back what was done since `down`. */
  cancel(): void;
}

interface StageProps {
  readonly raw: RawImage;
  /** What is seen, for who does not see it. */
  readonly label: string;
  /** Colours over the whole image; drawn again when this changes. */
  readonly layer?: Layer;
  /** Has the layer drawn again when it changes: a tool may have drawn over it. */
  readonly redraws?: number;
  /** The layer's surface, for a tool that draws parts of it. */
  readonly onLayer?: (surface: Surface) => void;
  readonly opacity: number;
  /** Takes the main button's drags; without one they move the image. */
  readonly tool?: StageTool;
  readonly cursor?: string;
  /** Radius of the circle around the pointer, in pixels of the image. */
  readonly ring?: number;
  readonly children?: ComponentChildren;
}

export function ImageStage(props: StageProps) {
  const { raw, label, layer, redraws, opacity, tool, cursor, ring, children } = props;
  const frame = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const colours = useRef<HTMLCanvasElement>(null);
  const { contrast } = useAppState().view;
  const stage = useViewport(frame, raw);
  const { view, change, refit } = stage;

  const imageSurface = useSurface(image, raw);
  useLayoutEffect(() => {
    if (!imageSurface.current) return;
    const seen = () => imageLayer(raw, contrastRanges(raw, contrast));
    return drawLayer(imageSurface.current, raw, seen);
  }, [raw, contrast]);
  const layerSurface = useSurface(colours, raw);
  useLayoutEffect(() => {
    if (!layerSurface.current) return;
    props.onLayer?.(layerSurface.current);
    if (!layer) return layerSurface.current.clear(raw);
    return drawLayer(layerSurface.current, raw, () => layer);
  }, [raw, layer, redraws]);

  const pointer = usePointer(frame, stage, tool);
  const onKeyDown = (event: KeyboardEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    const centre = { x: box.width / 2, y: box.height / 2 };
    if (event.key === " " && tool) {
      tool.down(toImage(view, centre));
      tool.up();
    } else if (event.key === "+" || event.key === "=") change((view) => zoomed(view, 1.25, centre));
    else if (event.key === "-") change((view) => zoomed(view, 0.8, centre));
    else if (event.key === "0") refit();
    else if (event.key === "ArrowLeft") change((view) => moved(view, 40, 0));
    else if (event.key === "ArrowRight") change((view) => moved(view, -40, 0));
    else if (event.key === "ArrowUp") change((view) => moved(view, 0, 40));
    else if (event.key === "ArrowDown") change((view) => moved(view, 0, -40));
    else return;
    pointer.show(centre);
    event.preventDefault();
  };
  const size = { width: `${raw.width}px`, height: `${raw.height}px` };
  const transform = `translate(${view.left}px, ${view.top}px) scale(${view.scale})`;
  const imageRendering = view.scale > 2 ? "pixelated" : "auto";
  return (
    <div class="stage-box">
      <div class="stage-tools">
        {children}
        <span class="zoom" aria-hidden="true">
          {Math.round(100 * view.scale)} %
        </span>
        <button type="button" class="small" onClick={refit}>
          Fit
        </button>
      </div>
      <div
        class="stage"
        ref={frame}
        role="application"
        aria-label={`${label}. Plus and minus zoom, arrows move, 0 fits${
          tool ? ", space paints in the middle" : ""
        }.`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keys above need the focus
        tabIndex={0}
        onKeyDown={onKeyDown}
        style={{ cursor: pointer.isPanning ? "grabbing" : (cursor ?? "grab") }}
        {...pointer.listeners}
      >
        <div class="layers" style={{ transform, ...size }}>
          <canvas ref={image} style={{ ...size, imageRendering }} />
          <canvas ref={colours} class="over" style={{ ...size, opacity, imageRendering }} />
        </div>
        {ring && pointer.at ? <Ring at={pointer.at} radius={ring * view.scale} /> : null}
      </div>
    </div>
  );
}

function Ring({ at, radius }: { readonly at: Point; readonly radius: number }) {
  const side = `${2 * radius}px`;
  const transform = `translate(${at.x - radius}px, ${at.y - radius}px)`;
  return <div class="ring" style={{ width: side, height: side, transform }} />;
}

/** A surface on the canvas, as large as the image: cleared when another one comes. */
function useSurface(
  canvas: { readonly current: HTMLCanvasElement | null },
  { width, height }: Size,
) {
  const openSurface = useSurfaces();
  const surface = useRef<Surface>(undefined);
  useLayoutEffect(() => {
    if (canvas.current) surface.current = openSurface(canvas.current);
    return () => surface.current?.close();
  }, []);
  useLayoutEffect(() => surface.current?.clear({ width, height }), [width, height]);
  return surface;
}
