// The landscape that is flooded to separate objects: the depth of each pixel within a possible object.

import { connectedComponents } from "../data/components.js";
import { outsideDistance } from "../data/outside-distance.js";
import { boundingBoxes } from "./bounding-boxes.js";

/** Heights are whole numbers in this unit, a fraction of a pixel. */
export const STEPS_PER_PIXEL = 64;

/** Number of probabilities, from the threshold up, at which a distance is computed. */
const LEVELS = 4;

/** Probabilities in 16 bits, 65535 for 1: as they are stored in files. */
export interface CellPlane {
  readonly width: number;
  readonly height: number;
  /** [height][width]: of a cell, its border included. */
  readonly cell: Uint16Array;
  /** [height][width]: of a cell's inside, without its border; `cell` if the network has no border class. */
  readonly inside: Uint16Array;
}

/**
 * The height of each pixel whose probability is above `threshold`, in 1/64 pixel, [height][width]; elsewhere
 * 0. It is the mean of the distances to the nearest pixel below each of four probabilities, the first of
 * which is the threshold. So a neck is a saddle, and so is a line of lower probability between two cells.
 * Holes of at most `holes` pixels count as filled.
 *
 * Each 4-connected component is processed separately, with a margin of one pixel: the result does not depend
 * on the rest of the image.
 */
export function landscape(plane: CellPlane, threshold: number, holes: number): Int32Array {
  const { width, height, cell } = plane;
  const above = new Uint8Array(cell.length);
  const limit = 65535 * threshold;
  for (let pixel = 0; pixel < cell.length; pixel++) above[pixel] = Number(cell[pixel] > limit);
  const { labels, count } = connectedComponents(above, width, height);
  const boxes = boundingBoxes(labels, count, width);
  const heights = new Int32Array(cell.length);
  const levels = Array.from({ length: LEVELS }, (_, i) => {
    return 65535 * (threshold + ((1 - threshold) * i) / LEVELS);
  });
  for (let own = 1; own <= count; own++) {
    const box = boxes.subarray(4 * (own - 1), 4 * own);
    const crop = cropOf(plane, labels, own, box);
    const sums = new Float64Array(crop.own.length);
    for (const [i, level] of levels.entries()) {
      const inside = i === 0 ? crop.own.slice() : aboveLevel(crop, level);
      if (holes > 0) fillHoles(inside, crop, holes);
      if (i === 0) crop.filled.set(inside);
      const distances = outsideDistance(inside, crop.width, crop.height);
      for (let pixel = 0; pixel < sums.length; pixel++) sums[pixel] += distances[pixel];
    }
    for (let pixel = 0; pixel < sums.length; pixel++) {
      if (crop.filled[pixel] === 0) continue;
      const [x, y] = [pixel % crop.width, Math.floor(pixel / crop.width)];
      const height = Math.round((STEPS_PER_PIXEL * sums[pixel]) / LEVELS);
      heights[(crop.y + y) * width + crop.x + x] = height;
    }
  }
  return heights;
}

function aboveLevel({ own, inside }: Crop, level: number): Uint8Array {
  const result = new Uint8Array(own.length); // a loop: `from` with a function takes twenty times as long
  for (let pixel = 0; pixel < own.length; pixel++) {
    if (own[pixel] === 1 && inside[pixel] > level) result[pixel] = 1;
  }
  return result;
}

/** A component with a margin of one pixel, cut off at the edge of the image. */
interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 1 in the component. */
  readonly own: Uint8Array;
  /** 1 in another component. */
  readonly other: Uint8Array;
  readonly inside: Uint16Array;
  /** 1 in the component and its holes. */
  readonly filled: Uint8Array;
}

function cropOf(plane: CellPlane, labels: Int32Array, own: number, box: Int32Array): Crop {
  const [x, y] = [Math.max(0, box[0] - 1), Math.max(0, box[1] - 1)];
  const width = Math.min(plane.width, box[2] + 2) - x;
  const height = Math.min(plane.height, box[3] + 2) - y;
  const bytes = () => new Uint8Array(width * height);
  const inside = new Uint16Array(width * height);
  const crop = { x, y, width, height, own: bytes(), other: bytes(), inside, filled: bytes() };
  for (let row = 0; row < height; row++) {
    const from = (y + row) * plane.width + x;
    for (let column = 0; column < width; column++) {
      const label = labels[from + column];
      const pixel = row * width + column;
      if (label === own) crop.own[pixel] = 1;
      else if (label > 0) crop.other[pixel] = 1;
      inside[pixel] = plane.inside[from + column];
    }
  }
  return crop;
}

/**
 * Fills the 8-connected regions of 0 that have at most `holes` pixels, contain no other component and do not
 * reach the edge of the crop: those that do are open, or end at the edge of the image.
 */
function fillHoles(inside: Uint8Array, { width, height, other }: Crop, largest: number): void {
  const seen = new Uint8Array(inside.length);
  for (let start = 0; start < inside.length; start++) {
    if (inside[start] === 1 || seen[start] === 1) continue;
    const region = [start];
    let isHole = true;
    seen[start] = 1;
    for (let i = 0; i < region.length; i++) {
      const pixel = region[i];
      const [x, y] = [pixel % width, Math.floor(pixel / width)];
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1 || other[pixel] === 1) {
        isHole = false;
      }
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const next = row * width + column;
          if (inside[next] === 1 || seen[next] === 1) continue;
          seen[next] = 1;
          region.push(next);
        }
      }
    }
    if (isHole && region.length <= largest) for (const pixel of region) inside[pixel] = 1;
  }
}
