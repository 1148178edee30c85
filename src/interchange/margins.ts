// What a program adds around an image, so that a network gives the image's own pixels: the prediction of a whole
// image in one pass.

import type { Model } from "../model/model.js";

/** Sizes of the whole image, for a program that predicts it in one pass. */
export interface Margins {
  /** Pixels to mirror at the top and left. */
  readonly before: number;
  /** The same at the bottom and right, for images whose sides are multiples of `step`. */
  readonly after: number;
  /** What then is cut at each side of the network's output. */
  readonly cut: { readonly top: number; readonly bottom: number };
  /** Height and width must be multiples of this. */
  readonly step: number;
  /** The smallest height and width whose mirrored pixels all come from inside the image. */
  readonly smallest: number;
  /** Pixels at each side of a tile that differ from those of the whole image: a multiple of `step`. */
  readonly halo: number;
}

/** Returns the margins of a model. */
export function marginsOf(model: Model): Margins {
  const { gridStep: step, halo: seen } = model;
  const least = model.inputFor(1);
  const lost = least - model.outputSize(least);
  const before = lost / 2 + seen;
  let after = before;
  while ((before + after - least) % step !== 0) after++;
  return {
    before,
    after,
    cut: { top: seen, bottom: before + after - lost - seen },
    step,
    smallest: step * Math.ceil((after + 1) / step),
    halo: step * Math.ceil(before / step),
  };
}
