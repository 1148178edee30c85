// Squares of a slide as small canvases, from which a stage is drawn.

import type { Size } from "../../canvas/geometry.js";
import type { Pixels } from "../../canvas/layers.js";

/** A canvas with these pixels. */
export function canvasOf({ width, height }: Size, pixels: Pixels): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  canvas.getContext("2d")?.putImageData(new ImageData(pixels, width, height), 0, 0);
  return canvas;
}
