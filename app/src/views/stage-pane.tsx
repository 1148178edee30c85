// One picture of a stage: the image and its overlay, seen through the stage's viewport.

import type { ComponentChildren, HTMLAttributes } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { RawImage } from "../../../src/index.js";
import { drawLayer } from "../canvas/draw.js";
import type { Area, Point, Size } from "../canvas/geometry.js";
import { contrastRanges, imageLayer, type Layer } from "../canvas/layers.js";
import type { Surface } from "../canvas/surface.js";
import type { Viewport } from "../canvas/viewport.js";
import { useAppState, useSurfaces } from "./context.js";
import type { Pointer } from "./use-pointer.js";
import type { StageView } from "./use-viewport.js";

export interface Picture {
  readonly raw: RawImage;
  /** The overlay of the whole image; drawn again when this changes. */
  readonly layer?: Layer | undefined;
  /** Redraws the layer when it changes, since a tool may have drawn over it. */
  readonly redraws?: number | undefined;
  /** The layer's surface, for a tool that draws parts of it. */
  readonly onLayer?: ((surface: Surface) => void) | undefined;
  /** Of the layer, from 0 to 1. */
  readonly opacity: number;
}

interface PaneProps extends Picture {
  readonly frame: { readonly current: HTMLDivElement | null };
  readonly stage: StageView;
  readonly pointer: Pointer;
  readonly cursor?: string | undefined;
  /** A description of the picture, for screen readers. */
  readonly attributes: HTMLAttributes<HTMLDivElement>;
  readonly children?: ComponentChildren;
}

export function StagePane({
  frame,
  stage,
  pointer,
  cursor,
  attributes,
  children,
  ...picture
}: PaneProps) {
  const { raw, layer, redraws, opacity, onLayer } = picture;
  const image = useRef<HTMLCanvasElement>(null);
  const colours = useRef<HTMLCanvasElement>(null);
  const { contrast, look } = useAppState().view;
  // An outline covers little, so it can be stronger.
  const strength = look.kind === "outlines" ? Math.sqrt(opacity) : opacity;
  const imageSurface = useSurface(image, raw);
  useLayoutEffect(() => {
    if (!imageSurface.current) return;
    const seen = () => imageLayer(raw, contrastRanges(raw, contrast));
    return drawLayer(imageSurface.current, raw, seen);
  }, [raw, contrast]);
  const layerSurface = useSurface(colours, raw);
  useLayoutEffect(() => {
    if (!layerSurface.current) return;
    onLayer?.(layerSurface.current);
    if (!layer) return clearSoon(layerSurface.current, raw);
    return drawLayer(layerSurface.current, raw, () => layer);
  }, [raw, layer, redraws]);

  const { view } = stage;
  const size = { width: `${raw.width}px`, height: `${raw.height}px` };
  const transform = `translate(${view.left}px, ${view.top}px) scale(${view.scale})`;
  const imageRendering = view.scale > 2 ? "pixelated" : "auto";
  return (
    <div
      class="stage"
      ref={frame}
      style={{ cursor: pointer.isPanning ? "grabbing" : (cursor ?? "grab") }}
      {...pointer.listeners}
      {...attributes}
    >
      <div class="layers" style={{ transform, ...size }}>
        <canvas ref={image} style={{ ...size, imageRendering }} />
        <canvas ref={colours} class="over" style={{ ...size, opacity: strength, imageRendering }} />
      </div>
      {children}
    </div>
  );
}

/** The circle around the pointer; `radius` in pixels of the frame. */
export function Ring({ at, radius }: { readonly at: Point; readonly radius: number }) {
  const side = `${2 * radius}px`;
  const transform = `translate(${at.x - radius}px, ${at.y - radius}px)`;
  return <div class="ring" style={{ width: side, height: side, transform }} />;
}

/** A frame around an area of the image. */
export function Frame({ area, view }: { readonly area: Area; readonly view: Viewport }) {
  const { scale, left, top } = view;
  const [width, height] = [scale * area.width + 8, scale * area.height + 8];
  const transform = `translate(${scale * area.x + left - 4}px, ${scale * area.y + top - 4}px)`;
  return <div class="marked" style={{ width: `${width}px`, height: `${height}px`, transform }} />;
}

/** A line over the image, with a dot at each end. */
export function Line({
  points,
  view: { scale, left, top },
}: {
  readonly points: readonly [Point, Point];
  readonly view: Viewport;
}) {
  const [from, to] = points.map(({ x, y }) => ({ x: scale * x + left, y: scale * y + top }));
  return (
    <svg class="tool-line" aria-hidden="true">
      <line x1={from.x} y1={from.y} x2={to.x} y2={to.y} />
      <circle cx={from.x} cy={from.y} r="4" />
      <circle cx={to.x} cy={to.y} r="4" />
    </svg>
  );
}

/** A surface on the canvas, as large as the image; cleared when the image changes. */
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
  useLayoutEffect(() => {
    if (surface.current) return clearSoon(surface.current, { width, height });
  }, [width, height]);
  return surface;
}

/** In its own task, before later drawing: together with the first rendering of a page it took 50 ms. */
function clearSoon(surface: Surface, size: Size): () => void {
  const timer = setTimeout(() => surface.clear(size));
  return () => clearTimeout(timer);
}
