// Draws a layer on a surface: band by band, in tasks of a few milliseconds.

import type { Size } from "./geometry.js";
import type { Layer } from "./layers.js";
import type { Surface } from "./surface.js";

/** Pixels of a band, and the milliseconds after which a task draws no further band. */
const BAND = 2 ** 15;
const TASK_MS = 8;

/**
 * Draws a layer of that size, made by `open` in the first task. Returns a function that cancels the rest.
 */
export function drawLayer(
  surface: Surface,
  { width, height }: Size,
  open: () => Layer,
): () => void {
  const rows = Math.max(1, Math.floor(BAND / width));
  let layer: Layer | undefined;
  let y = 0;
  const draw = () => {
    layer ??= open();
    const end = performance.now() + TASK_MS;
    while (y < height && performance.now() < end) {
      const area = { x: 0, y, width, height: Math.min(rows, height - y) };
      surface.put(layer(area), area);
      y += rows;
    }
    if (y < height) timer = setTimeout(draw);
  };
  let timer = setTimeout(draw);
  return () => clearTimeout(timer);
}
