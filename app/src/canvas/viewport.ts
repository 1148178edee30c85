// The place of an image in its frame: scale and shift. Pure.

import type { Area, Point, Size } from "./geometry.js";

/** The image's point (x, y) is displayed at (scale x + left, scale y + top) in the frame. */
export interface Viewport {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
  /** The smallest scale that zooming reaches; by default SMALLEST. */
  readonly least?: number;
}

const SMALLEST = 0.02;
const LARGEST = 64;

/** The whole image in the middle of the frame, with a margin. */
export function fitted(image: Size, frame: Size, margin = 12): Viewport {
  const [width, height] = [frame.width - 2 * margin, frame.height - 2 * margin];
  const scale = Math.max(1, Math.min(width / image.width, height / image.height) * 1e5) / 1e5;
  return {
    scale,
    least: Math.min(SMALLEST, scale),
    left: (frame.width - scale * image.width) / 2,
    top: (frame.height - scale * image.height) / 2,
  };
}

/** Zoomed by a factor around a fixed point of the frame. */
export function zoomed(view: Viewport, factor: number, around: Point): Viewport {
  const { least = SMALLEST } = view;
  const scale = Math.max(least, Math.min(LARGEST, view.scale * factor));
  const ratio = scale / view.scale;
  return {
    ...view,
    scale,
    left: around.x - ratio * (around.x - view.left),
    top: around.y - ratio * (around.y - view.top),
  };
}

export function moved(view: Viewport, dx: number, dy: number): Viewport {
  return { ...view, left: view.left + dx, top: view.top + dy };
}

/** The image's point under a point of the frame. */
export function toImage({ scale, left, top }: Viewport, { x, y }: Point): Point {
  return { x: (x - left) / scale, y: (y - top) / scale };
}

/** Moved as little as brings an area of the image into the frame, with a margin; too large a one into its middle. */
export function brought(view: Viewport, frame: Size, area: Area, margin = 24): Viewport {
  const shift = (from: number, length: number, frameLength: number) => {
    const [low, high] = [margin - from, frameLength - margin - (from + length)];
    if (low > high) return (low + high) / 2;
    return Math.max(low, Math.min(high, 0));
  };
  const { scale, left, top } = view;
  const dx = shift(scale * area.x + left, scale * area.width, frame.width);
  const dy = shift(scale * area.y + top, scale * area.height, frame.height);
  return dx === 0 && dy === 0 ? view : moved(view, dx, dy);
}

/** Keeps the same point in the middle of a frame whose size changed. */
export function resized(view: Viewport, before: Size, after: Size): Viewport {
  return moved(view, (after.width - before.width) / 2, (after.height - before.height) / 2);
}

/** Two fingers moved from one pair of points of the frame to another: the image follows them. */
export function pinched(
  view: Viewport,
  before: readonly [Point, Point],
  after: readonly [Point, Point],
): Viewport {
  const [from, to] = [middle(before), middle(after)];
  // Fingers on the same point have no distance to zoom by.
  const factor = Math.max(1, distance(after)) / Math.max(1, distance(before));
  return moved(zoomed(view, factor, from), to.x - from.x, to.y - from.y);
}

const middle = ([a, b]: readonly [Point, Point]): Point => ({
  x: (a.x + b.x) / 2,
  y: (a.y + b.y) / 2,
});

const distance = ([a, b]: readonly [Point, Point]) => Math.hypot(a.x - b.x, a.y - b.y);
