// Which resolution of a slide a view needs.

import type { Slide } from "./slide-types.js";

/**
 * Returns the level to read for a view: the smallest that has a pixel for each pixel of the screen.
 * `zoom`: pixels of the screen per pixel of the full resolution, 1 or less to see much of the slide.
 */
export function levelFor({ levels }: Pick<Slide, "levels">, zoom: number): number {
  const wanted = levels.findLastIndex(({ factor }) => factor * zoom <= 1);
  return Math.max(0, wanted);
}
