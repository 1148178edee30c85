// A layer onto a canvas: what is large in bands, each in a task of its own, so that none takes long.

import type { Size } from "./geometry.js";
import type { Layer } from "./layers.js";

/** Pixels of a band: a few milliseconds on a laptop. */
const BAND = 2 ** 18;

/**
 * Makes the canvas as large as the image and draws the layer, at once where that takes one band.
 * Without a layer it is clear. Returns what leaves the rest undrawn.
 */
export function drawLayer(
  canvas: HTMLCanvasElement,
  { width, height }: Size,
  layer: Layer | undefined,
): () => void {
  const context = canvas.getContext("2d");
  let timer: ReturnType<typeof setTimeout> | undefined;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  if (!layer) context?.clearRect(0, 0, width, height);
  const rows = Math.max(1, Math.floor(BAND / width));
  const drawFrom = (y: number) => {
    if (!layer || y >= height) return;
    const area = { x: 0, y, width, height: Math.min(rows, height - y) };
    context?.putImageData(new ImageData(layer(area), area.width, area.height), 0, y);
    if (y + rows < height) timer = setTimeout(() => drawFrom(y + rows));
  };
  if (width * height <= BAND) drawFrom(0);
  else timer = setTimeout(() => drawFrom(0));
  return () => clearTimeout(timer);
}
