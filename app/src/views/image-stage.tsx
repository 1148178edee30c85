// An image to look at closely: wheel and keys zoom, dragging moves it, a layer of colours lies over
// it. What a pointer does on it beside that, its user says; the space key does it at the middle.

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { RawImage } from "../../../src/index.js";
import { drawLayer } from "../canvas/draw.js";
import type { Point, Size } from "../canvas/geometry.js";
import { contrastRanges, imageLayer, type Layer } from "../canvas/layers.js";
import type { Surface } from "../canvas/surface.js";
import { fitted, moved, toImage, type Viewport, zoomed } from "../canvas/viewport.js";
import { useAppState, useSurfaces } from "./context.js";

export interface StageTool {
  down(at: Point): void;
  move(at: Point): void;
  up(): void;
}

interface StageProps {
  readonly raw: RawImage;
  /** What is seen, for who does not see it. */
  readonly label: string;
  /** Colours over the whole image; drawn again when this changes. */
  readonly layer?: Layer;
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
  const { raw, label, layer, opacity, tool, cursor, ring, children } = props;
  const frame = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLCanvasElement>(null);
  const colours = useRef<HTMLCanvasElement>(null);
  const { contrast } = useAppState().view;
  const { view, setView, refit } = useViewport(frame, raw);

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
  }, [raw, layer]);

  const pointer = usePointer(frame, view, setView, tool);
  const onKeyDown = (event: KeyboardEvent) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    const centre = { x: box.width / 2, y: box.height / 2 };
    if (event.key === " " && tool) {
      tool.down(toImage(view, centre));
      tool.up();
    } else if (event.key === "+" || event.key === "=") setView(zoomed(view, 1.25, centre));
    else if (event.key === "-") setView(zoomed(view, 0.8, centre));
    else if (event.key === "0") refit();
    else if (event.key === "ArrowLeft") setView(moved(view, 40, 0));
    else if (event.key === "ArrowRight") setView(moved(view, -40, 0));
    else if (event.key === "ArrowUp") setView(moved(view, 0, 40));
    else if (event.key === "ArrowDown") setView(moved(view, 0, -40));
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
          tool ? ", space paints at the middle" : ""
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

/** The viewport: fitted when the image's or the frame's size changes. */
function useViewport(frame: { readonly current: HTMLElement | null }, raw: RawImage) {
  const { width, height } = raw;
  const [view, setView] = useState<Viewport>({ scale: 1, left: 0, top: 0 });
  const refit = () => {
    const box = frame.current?.getBoundingClientRect();
    if (box) setView(fitted({ width, height }, box));
  };
  useEffect(() => {
    if (!frame.current) return;
    const observer = new ResizeObserver(refit);
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [width, height]);
  return { view, setView, refit };
}

/** Wheel, drags of the tool (main button) and of the image (other buttons, or without a tool). */
function usePointer(
  frame: { readonly current: HTMLElement | null },
  view: Viewport,
  setView: (view: Viewport) => void,
  tool?: StageTool,
) {
  const [drag, setDrag] = useState<"tool" | "pan">();
  const [over, setOver] = useState<Point>();
  const at = (event: MouseEvent): Point => {
    const box = frame.current?.getBoundingClientRect() ?? { left: 0, top: 0 };
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const end = () => {
    if (drag === "tool") tool?.up();
    setDrag(undefined);
  };
  return {
    isPanning: drag === "pan",
    /** Where the pointer is in the frame, where it is there. */
    at: over,
    /** Has who works by keys see where they act. */
    show: setOver,
    listeners: {
      onWheel(event: WheelEvent) {
        event.preventDefault();
        setView(zoomed(view, Math.exp(-event.deltaY / 500), at(event)));
      },
      onPointerDown(event: PointerEvent) {
        frame.current?.setPointerCapture(event.pointerId);
        const kind = tool && event.button === 0 && !event.shiftKey ? "tool" : "pan";
        setDrag(kind);
        if (kind === "tool") tool?.down(toImage(view, at(event)));
      },
      onPointerLeave: () => setOver(undefined),
      onPointerMove(event: PointerEvent) {
        setOver(at(event));
        if (drag === "pan") setView(moved(view, event.movementX, event.movementY));
        if (drag === "tool") tool?.move(toImage(view, at(event)));
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}
