// Objects of an image that arrives in parts: a cell that crosses parts gets one number.

import type { Tile } from "../data/mirror.js";
import type { ObjectLabels } from "./object-labels.js";
import { inSixteenBits, type SeparationOptions, separateObjects } from "./separate-objects.js";

/** Takes an image part by part, in any order, and then returns its objects. */
export interface ObjectStitcher {
  /**
   * A part: probabilities of a cell, [area.height][area.width], in 0..1 or in 16 bits; `inside` as in
   * `CellProbability`. Where parts overlap, the last one counts. Throws a `RangeError` for an area that
   * is not in the image or a plane of another size.
   */
  write(
    area: Tile,
    cell: Float32Array | Uint16Array,
    inside?: Float32Array | Uint16Array | undefined,
  ): void;
  /** The objects, once all parts are there: throws if the parts do not cover the image. */
  objects(options?: SeparationOptions): ObjectLabels;
}

/**
 * The objects of an image in any tiling, the same to the bit as those of `separateObjects` for the whole
 * image: parts are kept in 16 bits until all are there, and then the whole image is separated, so the borders
 * of parts leave no trace. Memory: 3 bytes per pixel (5 with a class for the border) until the end, then 12
 * more for the objects. Nothing leaves earlier: objects are numbered by their first pixels, without the small
 * ones, so a number is known only when all objects that begin above it are whole, and one of them may reach
 * from the first row to the last. It can be the sink of `predictTiles`:
 *
 * @example
 * const stitcher = stitchObjects(slide);
 * const sink = {
 *   write(area, planes) {
 *     stitcher.write(area, planes.subarray(area.width * area.height)); // the second of two classes
 *   },
 * };
 * await predictTiles(predictor, slide, sink);
 * const { count, data } = stitcher.objects({ separation: 1.5 });
 */
export function stitchObjects({
  width,
  height,
}: {
  readonly width: number;
  readonly height: number;
}): ObjectStitcher {
  const cell = new Uint16Array(width * height);
  let inside: Uint16Array | undefined;
  const isKnown = new Uint8Array(width * height);
  return {
    write(area, part, insidePart) {
      checkArea(area, { width, height });
      for (const plane of insidePart ? [part, insidePart] : [part]) checkPart(plane, area);
      paste(cell, width, area, inSixteenBits(part));
      if (insidePart) {
        inside ??= cell.slice();
        paste(inside, width, area, inSixteenBits(insidePart));
      } else if (inside) paste(inside, width, area, inSixteenBits(part));
      for (let row = area.y; row < area.y + area.height; row++) {
        isKnown.fill(1, row * width + area.x, row * width + area.x + area.width);
      }
    },
    objects(options = {}) {
      const missing = isKnown.indexOf(0);
      if (missing >= 0) {
        throw new Error(
          `stitchObjects: no part covers the pixel x ${missing % width}, y ` +
            `${Math.floor(missing / width)}, expected parts that cover the image`,
        );
      }
      return separateObjects({ width, height, cell, inside }, options);
    },
  };
}

function paste(whole: Uint16Array, width: number, area: Tile, part: Uint16Array): void {
  for (let row = 0; row < area.height; row++) {
    const line = part.subarray(row * area.width, (row + 1) * area.width);
    whole.set(line, (area.y + row) * width + area.x);
  }
}

function checkArea(area: Tile, { width, height }: Pick<Tile, "width" | "height">): void {
  const { x, y } = area;
  const isWhole = [x, y, area.width, area.height].every((one) => Number.isSafeInteger(one));
  const isIn = x >= 0 && y >= 0 && x + area.width <= width && y + area.height <= height;
  if (isWhole && isIn && area.width > 0 && area.height > 0) return;
  throw new RangeError(
    `stitchObjects: got the area x ${x}, y ${y}, ${area.width} x ${area.height}, expected one ` +
      `within ${width} x ${height}`,
  );
}

function checkPart(plane: Float32Array | Uint16Array, { width, height }: Tile): void {
  if (plane.length === width * height) return;
  throw new RangeError(
    `stitchObjects: got ${plane.length} probabilities for an area of ${width} x ${height}, ` +
      `expected ${width * height}`,
  );
}
