// What is said of a prediction that no array can hold.

import type { Size } from "./tiling.js";

/** The error of an array of probabilities, [classes][height][width], that could not be made. */
export function refusedArray(name: string, { width, height }: Size, classes: number): RangeError {
  const bytes = classes * width * height * 4;
  const gibibytes = (bytes / 2 ** 30).toFixed(1);
  return new RangeError(
    `${name}: the probabilities of ${classes} classes in ${width} x ${height} pixels take ${bytes} bytes ` +
      `(${gibibytes} GiB), more than one array holds here: predict it by predictTiles, tile by tile`,
  );
}
