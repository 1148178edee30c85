// Pictures of an image, a label or a prediction, of the same size.

import { defaultColour } from "../data/classes.js";
import { connectedComponents } from "../data/components.js";
import { IGNORED, type LabelMap, type StoredImage } from "../data/image-types.js";
import { outlines } from "../data/outlines.js";
import { objectColour } from "./colours.js";
import { type Greys, greyRange } from "./grey-range.js";
import { type Colour, mixed, type Picture, pictureOf } from "./picture.js";

/** Class indices, [height][width]. */
export type ClassMap = Pick<LabelMap, "width" | "height" | "data">;

/** Returns the colour of each pixel, by its index. */
export type Colouring = (pixel: number) => Colour;

/**
 * The image's colours, stretched so that all except the darkest and brightest 1/200 of it, or of
 * the image `like`, fill 0 to 255. Values that are not finite are black and not counted.
 */
export function displayed(image: StoredImage, like: Greys = image): Colouring {
  const { width, height, channels, maximum = 1, data } = image;
  const [low, high] = greyRange(like);
  const factor = high > low ? 255 / (high - low) : 0;
  const stretch = (stored: number) =>
    Math.max(0, Math.min(255, factor * (stored / maximum - low))) || 0;
  const count = width * height;
  return (pixel) => {
    const first = stretch(data[pixel]);
    if (channels < 3) return [first, first, first];
    return [first, stretch(data[count + pixel]), stretch(data[2 * count + pixel])];
  };
}

/** Grey and dark, so that colours on top of it are visible. */
export function dimmed(seen: Colouring): Colouring {
  return (pixel) => {
    const [r, g, b] = seen(pixel);
    const grey = 30 + 0.45 * ((r + g + b) / 3);
    return [grey, grey, grey];
  };
}

/** Returns the colour of a class, or its default colour. */
function colourOf(index: number, colours: readonly Colour[] | undefined): Colour {
  return colours?.[index] ?? defaultColour(index);
}

/** Pixels of class 1 and above that touch another class get the colour of their class. */
export function outlined(
  seen: Colouring,
  { width, height, data }: ClassMap,
  colours?: readonly Colour[],
): Colouring {
  const isEdge = outlines(data, width, height, IGNORED);
  return (pixel) => (isEdge[pixel] ? colourOf(data[pixel], colours) : seen(pixel));
}

/** Returns the image, stretched to its range of values. */
export function imagePicture(image: StoredImage): Picture {
  return pictureOf(image.width, image.height, displayed(image));
}

/**
 * Returns the image, stretched, with the outlines of a class map drawn over it, by default in the
 * default class colours.
 */
export function outlinePicture(
  image: StoredImage,
  map: ClassMap,
  colours?: readonly Colour[],
): Picture {
  return pictureOf(image.width, image.height, outlined(displayed(image), map, colours));
}

/** Like `outlinePicture`, with the areas of class 1 and above tinted in their colours. */
export function tintedPicture(
  image: StoredImage,
  map: ClassMap,
  colours?: readonly Colour[],
): Picture {
  const seen = displayed(image);
  const tinted = (pixel: number) => {
    const index = map.data[pixel];
    if (index === 0 || index === IGNORED) return seen(pixel);
    return mixed(seen(pixel), colourOf(index, colours), 0.35);
  };
  return pictureOf(image.width, image.height, outlined(tinted, map, colours));
}

/** Returns each pixel in the colour of its class; unlabelled pixels are hatched. */
export function classPicture(
  { width, height, data }: ClassMap,
  colours?: readonly Colour[],
): Picture {
  return pictureOf(width, height, (pixel) => {
    if (data[pixel] !== IGNORED) return colourOf(data[pixel], colours);
    return isHatched(pixel, width) ? [90, 90, 90] : [200, 200, 200];
  });
}

/**
 * Returns a picture of a label: for two classes its objects over the image, for more its class
 * colours.
 */
export function labelPicture(
  image: StoredImage,
  label: LabelMap,
  colours?: readonly Colour[],
): Picture {
  return label.classes === 2 ? objectPicture(image, label) : classPicture(label, colours);
}

/**
 * Returns the image with each object of the label in a different colour, half transparent; class 0
 * stays grey, and unlabelled pixels are hatched.
 */
export function objectPicture(image: StoredImage, { width, height, data }: ClassMap): Picture {
  const seen = displayed(image);
  const { labels } = connectedComponents(data, width, height);
  return pictureOf(width, height, (pixel) => {
    const colour = seen(pixel);
    if (data[pixel] === IGNORED) {
      return isHatched(pixel, width) ? [90, 90, 90] : colour;
    }
    return labels[pixel] === 0 ? colour : mixed(colour, objectColour(labels[pixel]), 0.45);
  });
}

function isHatched(pixel: number, width: number): boolean {
  return (Math.floor(pixel / width) + (pixel % width)) % 6 < 2;
}
