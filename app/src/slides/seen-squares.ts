// Which squares of a slide a view shows. Pure.

import { chunkGrid, chunksAround, levelFor, type SlideLevel } from "../../../src/slides.js";
import type { Area, Size } from "../canvas/geometry.js";
import { toImage, type Viewport } from "../canvas/viewport.js";
import { SIDE } from "./messages.js";

/** The level that a view reads: it has a pixel for each of the screen. `density`: of the screen, pixels per CSS pixel. */
export const levelOfView = (levels: readonly SlideLevel[], { scale }: Viewport, density: number) =>
  levelFor({ levels }, scale * density);

/** The part of a slide that a frame shows, in pixels of a level; it may reach past the slide. */
export function areaInView({ factor }: SlideLevel, view: Viewport, frame: Size): Area {
  const { x, y } = toImage(view, { x: 0, y: 0 });
  const unit = 1 / (factor * view.scale);
  return { x: x / factor, y: y / factor, width: frame.width * unit, height: frame.height * unit };
}

/** The squares of a level in view, those next to its middle first. */
export function squaresInView(level: SlideLevel, view: Viewport, frame: Size): number[] {
  return chunksAround(chunkGrid(level, SIDE), areaInView(level, view, frame));
}

/** Where a square is, in pixels of its level. */
export const squareArea = (level: SlideLevel, index: number): Area =>
  chunkGrid(level, SIDE).area(index);

/**
 * The level whose pixels are most like those that a network was trained on, by their sizes in micrometres; the full
 * resolution if one of the sizes is not known.
 */
export function levelOfPixels(
  levels: readonly SlideLevel[],
  slide: number | undefined,
  network: number | undefined,
): number {
  if (!slide || !network) return 0;
  const distances = levels.map(({ factor }) => Math.abs(Math.log((slide * factor) / network)));
  return distances.indexOf(Math.min(...distances));
}
