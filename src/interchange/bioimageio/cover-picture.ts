// The picture that shows a package: an image, and next to it what the network says.

import { classLegend } from "../../data/classes.js";
import type { Image, StoredImage } from "../../data/image-types.js";
import { classFieldsOf } from "../../data/task.js";
import { picturePng } from "../../formats/png/picture-png.js";
import { predictedClasses } from "../../metrics/pixels.js";
import { blankPicture, paste, pictureOf, resized } from "../../pictures/picture.js";
import { classPicture, imagePicture } from "../../pictures/views.js";
import type { CheckpointMetadata } from "../../train/training-types.js";

/** The zoo asks for less than 500 kB, and for 2:1. */
const SIDE = 256;

/** Returns the picture of a square image as PNG; `maps`: its probabilities [K,H,W], of one class or of all. */
export function coverPicture(
  image: StoredImage,
  maps: Image,
  metadata: CheckpointMetadata,
): Uint8Array {
  const { width, height, channels, data } = maps;
  const area = width * height;
  const grey = (pixel: number) => {
    const value = 255 * data[(channels === 1 ? 0 : area) + pixel];
    return [value, value, value] as const;
  };
  const { colours } = classLegend(classFieldsOf(metadata));
  const said =
    channels <= 2
      ? pictureOf(width, height, grey)
      : classPicture({ width, height, data: predictedClasses(data, channels) }, colours);
  const [left, right] = [imagePicture(image), said].map((picture) => resized(picture, SIDE));
  const cover = blankPicture(2 * left.width, left.height);
  paste(cover, left, [0, 0]);
  paste(cover, right, [left.width, 0]);
  return picturePng(cover);
}
