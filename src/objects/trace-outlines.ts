// The outlines of objects along the edges of their pixels. Filling them gives the same pixels.

import { connectedComponents } from "../data/components.js";
import type { Polygon, Ring } from "../formats/outline.js";
import type { ObjectLabels } from "./object-labels.js";

/** Directions around a pixel: right along its upper edge, down, left, up. The pixel is on the right. */
const WAYS = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const;

/**
 * `[count]`: the parts of each object, in the order of their first pixels. Pixels that only share a corner are
 * in different parts. The first ring of a part is its outer one, the others are its holes. Rings run from
 * corner to corner of pixels, clockwise on the screen around an area and counter-clockwise around a hole. No
 * ring crosses or touches itself, and two rings touch at most in single corners, so they are valid polygons for
 * other programs. Linear in the pixels.
 */
export function traceOutlines({ width, height, data, count }: ObjectLabels): Polygon[][] {
  const { labels: parts, count: partCount } = connectedComponents(data, width, height);
  const outer: (Ring | undefined)[] = new Array(partCount);
  const holes: Ring[][] = Array.from({ length: partCount }, () => []);
  const objectOf = new Int32Array(partCount);
  /** 1 at pixels whose upper edge is in a ring already: each ring has an upper edge. */
  const seen = new Uint8Array(width * height);
  for (let pixel = 0; pixel < parts.length; pixel++) {
    const part = parts[pixel];
    const isRim = part > 0 && (pixel < width || parts[pixel - width] !== part);
    if (!isRim || seen[pixel]) continue;
    objectOf[part - 1] = data[pixel] - 1;
    for (const ring of ringsFrom(pixel, parts, width, height, seen)) {
      if (doubleArea(ring) > 0) outer[part - 1] = ring;
      else holes[part - 1].push(ring);
    }
  }
  const result: Polygon[][] = Array.from({ length: count }, () => []);
  for (let part = 0; part < partCount; part++) {
    result[objectOf[part]].push([outer[part] as Ring, ...holes[part]]);
  }
  return result;
}

/**
 * The rings of the walk that starts along a pixel's upper edge: one, or several if the walk touches itself
 * in corners of pixels.
 */
function ringsFrom(
  start: number,
  parts: Int32Array,
  width: number,
  height: number,
  seen: Uint8Array,
): number[][] {
  const part = parts[start];
  const at = (x: number, y: number) =>
    x >= 0 && x < width && y >= 0 && y < height ? parts[y * width + x] : 0;
  const rings: number[][] = [];
  let [x, y, way] = [start % width, Math.floor(start / width), 0];
  const [startX, startY] = [x, y];
  const corners = [x, y];
  /** The index in `corners` of a corner that the walk may reach again. */
  const met = new Map<number, number>([[y * (width + 1) + x, 0]]);
  for (;;) {
    if (way === 0) seen[y * width + x] = 1;
    const [dx, dy] = WAYS[way];
    [x, y] = [x + dx, y + dy];
    // The two pixels ahead; the walk keeps the object on its right.
    const [right, left] = ahead(x, y, way, at);
    if (right === part && left !== part) continue;
    way = (way + (right === part ? 3 : 1)) % 4;
    if (x === startX && y === startY && way === 0) break;
    if (right !== part && left === part) {
      const place = y * (width + 1) + x;
      const before = met.get(place);
      if (before !== undefined && corners[before] === x && corners[before + 1] === y) {
        rings.push(corners.splice(before));
      }
      met.set(place, corners.length);
    }
    corners.push(x, y);
  }
  rings.push(corners);
  return rings;
}

/** The pixels ahead of a corner, on the right and on the left. */
function ahead(
  x: number,
  y: number,
  way: number,
  at: (x: number, y: number) => number,
): [number, number] {
  if (way === 0) return [at(x, y), at(x, y - 1)];
  if (way === 1) return [at(x - 1, y), at(x, y)];
  if (way === 2) return [at(x - 1, y - 1), at(x - 1, y)];
  return [at(x, y - 1), at(x - 1, y - 1)];
}

/** Twice the area of a ring, above 0 if it is clockwise on the screen. */
function doubleArea(ring: Ring): number {
  let sum = 0;
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length;
    sum += ring[i] * ring[j + 1] - ring[j] * ring[i + 1];
  }
  return sum;
}
