// Shows an augmentation on an image with a grid, before and after.

import { checkKeys } from "../arguments/keys.js";
import type { Colour, Image } from "../data/image-types.js";
import type { Pictured } from "../data/varied.js";
import type { Panel } from "./panel.js";
import { mixed, pictureOf } from "./picture.js";
import { displayed, outlined } from "./views.js";

/** A change of image and label at the same time; it may swap width and height. */
export type Deformation = (sample: Pictured) => Pictured;

/** Which deformation is drawn. */
export interface DeformationOptions {
  /** Pixels between the lines of the grid. */
  readonly spacing?: number | undefined;
  /** A change of the grey values, applied to the deformed image. */
  readonly greys?: ((image: Image) => Image) | undefined;
  /** Colours of the classes. By default the default colours. */
  readonly colours?: readonly Colour[] | undefined;
}

/**
 * Returns a panel of an image and the outlines of its label with a square grid over them, all with
 * the same deformation: the grid is deformed as an additional channel of the image, so that the
 * picture shows what training sees. Black and white are those of the original image.
 */
export function deformationPanel(
  title: string,
  { image, label }: Pictured,
  deform: Deformation,
  options: DeformationOptions = {},
): Panel {
  checkKeys("deformationPanel", options, { spacing: 1, greys: 1, colours: 1 });
  const { spacing = 32, greys = (same: Image) => same, colours } = options;
  const { width, height, channels, data } = image;
  const count = width * height;
  const planes = new Float32Array((channels + 1) * count);
  planes.set(data);
  for (let pixel = 0; pixel < count; pixel++) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const half = Math.floor(spacing / 2);
    const isLine = x % spacing === half || y % spacing === half;
    planes[channels * count + pixel] = Number(isLine);
  }
  const after = deform({ image: { width, height, channels: channels + 1, data: planes }, label });
  const size = after.image.width * after.image.height;
  const grid = after.image.data.subarray(channels * size);
  const plain = { ...after.image, channels, data: after.image.data.slice(0, channels * size) };
  const seen = outlined(displayed(greys(plain), image), after.label, colours);
  return {
    title,
    keys: [],
    picture: pictureOf(after.image.width, after.image.height, (pixel) =>
      mixed(seen(pixel), [0, 205, 255], 0.75 * Math.max(0, Math.min(1, grid[pixel]))),
    ),
  };
}
