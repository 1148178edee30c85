// Previews of augmentation: the same random draws as for training tiles.

import type { Augmentation } from "./augmentation-config.js";
import { drawOffsets } from "./deformation.js";
import { varyGreys } from "./grey.js";
import type { Image, LabelMap } from "./image-types.js";
import { normalise, spread } from "./normalise.js";
import { random, randomInteger } from "./random.js";
import { resample } from "./resample.js";
import { SYMMETRIES } from "./symmetric-views.js";

const GEOMETRY = 1;
const GREYS = 2;

/** An image of values with its label. */
export interface Pictured {
  /** The image of the tile, as varied. */
  readonly image: Image;
  /** The label of the tile, as varied. */
  readonly label: LabelMap;
}

/**
 * Returns the square of `side` pixels around the sample's middle with one draw of the geometry;
 * draws with different numbers are independent. It is mirrored beyond the borders.
 */
export function variedView(
  { image, label }: Pictured,
  side: number,
  augmentation: Augmentation,
  draw: number,
): Pictured {
  const next = random(draw, GEOMETRY);
  const symmetry = augmentation.flips ? randomInteger(next, SYMMETRIES) : 0;
  const field = drawOffsets(augmentation, side, symmetry, next);
  const middle = (size: number) => Math.floor((size - side) / 2) + (side - 1) / 2;
  const centre = { centreX: middle(image.width), centreY: middle(image.height) };
  const pixels = new Float32Array(image.channels * side * side);
  const { interpolation } = augmentation;
  resample(image, field, { ...centre, interpolation, target: pixels });
  const classes = new Float32Array(side * side);
  resample(label, field, { ...centre, interpolation: "nearest", target: classes });
  const size = { width: side, height: side };
  return {
    image: { ...size, channels: image.channels, data: pixels },
    label: { ...size, classes: label.classes, data: Uint8Array.from(classes) },
  };
}

/** Returns the image with one draw of the grey values, on its own scale. */
export function variedGreys(image: Image, augmentation: Augmentation, draw: number): Image {
  const { channels } = image;
  const pixels = image.data.length / channels;
  const { data } = normalise(image);
  varyGreys(data, channels, augmentation, random(draw, GREYS));
  for (let channel = 0; channel < channels; channel++) {
    const start = channel * pixels;
    const { mean, deviation } = spread(image.data.subarray(start, start + pixels));
    for (let i = start; i < start + pixels; i++) data[i] = mean + deviation * data[i];
  }
  return { ...image, data };
}
