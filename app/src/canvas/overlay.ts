// The pixels of an overlay: labels, predictions, uncertainty, one area at a time. Pure.

import { IGNORED, type Prediction } from "../../../src/index.js";
import { entropyAt } from "../outputs/uncertainty.js";
import type { Size } from "./geometry.js";
import { inArea, type Layer, rgb } from "./layers.js";

/** How classes are drawn. */
export interface Look {
  readonly kind: "filled" | "outlines" | "none";
  /** Indices of classes that are not drawn. */
  readonly hidden: readonly number[];
}

export const FILLED: Look = { kind: "filled", hidden: [] };

/** Class indices, [height][width], in their colours; unlabelled pixels are transparent. */
export function classLayer(
  indices: Uint8Array,
  width: number,
  colours: readonly string[],
  look: Look = FILLED,
): Layer {
  const size = { width, height: indices.length / width };
  return coloured(
    size,
    (pixel) => indices[pixel],
    () => 255,
    colours,
    look,
  );
}

/**
 * A prediction in its classes' colours, more opaque where it is more certain. Two classes are separated at
 * `threshold`; with more classes the most likely one counts.
 */
export function predictionLayer(
  { width, height, classes, probabilities }: Prediction,
  threshold: number,
  colours: readonly string[],
  look: Look = FILLED,
): Layer {
  const count = width * height;
  const indexAt = (pixel: number) => {
    if (classes === 2) return Number(probabilities[count + pixel] > threshold);
    let index = 0;
    for (let other = 1; other < classes; other++) {
      if (probabilities[other * count + pixel] > probabilities[index * count + pixel]) {
        index = other;
      }
    }
    return index;
  };
  const alphaAt = (pixel: number, index: number) =>
    look.kind === "outlines" ? 255 : 90 + 165 * probabilities[index * count + pixel];
  return coloured({ width, height }, indexAt, alphaAt, colours, look);
}

/** The colour of each pixel by its class, `indexAt`; IGNORED has none. */
function coloured(
  { width, height }: Size,
  indexAt: (pixel: number) => number,
  alphaAt: (pixel: number, index: number) => number,
  colours: readonly string[],
  { kind, hidden }: Look,
): Layer {
  const table = colours.map((colour, index) => (hidden.includes(index) ? undefined : rgb(colour)));
  const isBorder = (pixel: number, index: number) => {
    const x = pixel % width;
    return (
      (x > 0 && indexAt(pixel - 1) !== index) ||
      (x < width - 1 && indexAt(pixel + 1) !== index) ||
      (pixel >= width && indexAt(pixel - width) !== index) ||
      (pixel < width * (height - 1) && indexAt(pixel + width) !== index)
    );
  };
  return inArea(width, (pixels, at, pixel) => {
    if (kind === "none") return;
    const index = indexAt(pixel);
    if (index === IGNORED) return;
    const colour = table[index];
    if (!colour || (kind === "outlines" && !isBorder(pixel, index))) return;
    pixels[at] = colour[0];
    pixels[at + 1] = colour[1];
    pixels[at + 2] = colour[2];
    pixels[at + 3] = alphaAt(pixel, index);
  });
}

/** Uncertainty in one strong colour: transparent where the network is certain. */
export function doubtLayer(prediction: Prediction): Layer {
  return inArea(prediction.width, (pixels, at, pixel) => {
    pixels[at] = 220;
    pixels[at + 1] = 40;
    pixels[at + 2] = 90;
    pixels[at + 3] = 255 * entropyAt(prediction, pixel);
  });
}
