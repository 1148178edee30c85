// Objects by number as a picture to look at.

import type { StoredImage } from "../data/image-types.js";
import { outlines } from "../data/outlines.js";
import type { ObjectLabels } from "../objects/object-labels.js";
import { objectColour } from "./colours.js";
import { mixed, type Picture, pictureOf } from "./picture.js";
import { dimmed, displayed } from "./views.js";

/** Each object in a colour of its own over the darkened image, with its outline in full colour. */
export function cellPicture(image: StoredImage, objects: ObjectLabels): Picture {
  const { width, height, data } = objects;
  const isEdge = outlines(data, width, height);
  const ground = dimmed(displayed(image));
  return pictureOf(width, height, (pixel) => {
    if (data[pixel] === 0) return ground(pixel);
    const colour = objectColour(data[pixel]);
    return isEdge[pixel] ? colour : mixed(ground(pixel), colour, 0.55);
  });
}
