// Draws the squares that are there: first those of coarse levels, over them those of finer ones.

import type { SlideLevel } from "../../../../src/slides.js";
import type { Size } from "../../canvas/geometry.js";
import type { Viewport } from "../../canvas/viewport.js";
import { squareArea } from "../../slides/seen-squares.js";

/** A square with its canvas. */
export interface DrawnSquare {
  readonly level: number;
  readonly index: number;
  readonly canvas: HTMLCanvasElement;
}

/** What a stage draws: the picture, and the segmentation over it. */
export interface DrawnSlide {
  readonly levels: readonly SlideLevel[];
  readonly picture: readonly DrawnSquare[];
  readonly overlay: readonly DrawnSquare[];
  /** Of the overlay, 0 to 1. */
  readonly opacity: number;
}

/** Draws on a canvas as large as the frame, with `density` pixels for each of the frame. */
export function drawSlide(
  canvas: HTMLCanvasElement,
  { levels, picture, overlay, opacity }: DrawnSlide,
  view: Viewport,
  frame: Size,
  density: number,
): void {
  const [width, height] = [frame.width, frame.height].map((side) => Math.round(side * density));
  if (canvas.width !== width || canvas.height !== height) {
    [canvas.width, canvas.height] = [width, height];
  }
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, width, height);
  context.imageSmoothingEnabled = view.scale * density <= 2;
  const place = (level: number, from: number, origin: number) =>
    Math.round((from * levels[level].factor * view.scale + origin) * density);
  const draw = (squares: readonly DrawnSquare[]) => {
    for (const { level, index, canvas: square } of squares) {
      const { x, y, ...size } = squareArea(levels[level], index);
      const [left, top] = [place(level, x, view.left), place(level, y, view.top)];
      const right = place(level, x + size.width, view.left);
      const bottom = place(level, y + size.height, view.top);
      if (right <= 0 || bottom <= 0 || left >= width || top >= height) continue;
      context.drawImage(square, left, top, Math.max(1, right - left), Math.max(1, bottom - top));
    }
  };
  draw([...picture].sort((a, b) => b.level - a.level));
  context.globalAlpha = opacity;
  draw(overlay);
  context.globalAlpha = 1;
}
