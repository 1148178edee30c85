// The pixels of numbered cells, one area at a time. Pure.

import { objectColour } from "../../../src/index.js";
import { inArea, type Layer } from "./layers.js";
import type { Look } from "./overlay.js";

/** Cells by number. */
export interface CellPixels {
  readonly width: number;
  readonly height: number;
  /** [height][width]: 0 outside of cells, else 1 to `count`. */
  readonly data: Int32Array;
  readonly count: number;
}

/** Opacity of a cell's inside, and of the outline of one that is filtered out, of 255. */
const INSIDE = 110;
const LEFT_OUT = 150;

/**
 * Each cell in its colour, with its outline; only a faint outline if `kept`, [count + 1], is 0. The selected
 * cell is white; it is a function, since the layer is not drawn again for each selection.
 */
export function cellLayer(
  { width, height, data, count }: CellPixels,
  kept: Uint8Array,
  look: Look["kind"],
  selected: () => number | undefined,
): Layer {
  const colours = new Uint8ClampedArray(3 * (count + 1));
  for (let number = 1; number <= count; number++) {
    colours.set(objectColour(number), 3 * number);
  }
  const isEdge = (pixel: number, number: number) => {
    const x = pixel % width;
    return (
      (x > 0 && data[pixel - 1] !== number) ||
      (x < width - 1 && data[pixel + 1] !== number) ||
      (pixel >= width && data[pixel - width] !== number) ||
      (pixel < width * (height - 1) && data[pixel + width] !== number)
    );
  };
  return (area) => {
    const white = selected();
    return inArea(width, (pixels, at, pixel) => {
      const number = data[pixel];
      if (number === 0 || look === "none") return;
      const isOutline = isEdge(pixel, number);
      const isLine = look === "outlines" || kept[number] === 0;
      if (isLine && !isOutline && number !== white) return;
      for (let channel = 0; channel < 3; channel++) {
        pixels[at + channel] = number === white ? 255 : colours[3 * number + channel];
      }
      const strength = isOutline ? 255 : INSIDE;
      pixels[at + 3] = kept[number] ? strength : LEFT_OUT;
    })(area);
  };
}
