// Label images from outlines: each pixel whose centre is within an outline gets its number.

import type { RawImage } from "../data/image-types.js";
import type { Outline, OutlineFile, Polygon } from "../formats/outline.js";

/** The most edges and pixels of a file: per pixel of the image, and a base for small images. */
const MOST_PER_PIXEL = 64;
const MOST_ANYWHERE = 2 ** 24;

/**
 * Draws outlines as a label image, 32 bits. Numbers are the names, if all names are different whole
 * numbers from 1 on, else 1, 2, 3 ... in the file's order. Where outlines overlap, the later one is
 * on top. `remarks`: those of the file, and what is lost. Errors are whole sentences that begin with `name`.
 */
export function fillOutlines(
  { outlines, remarks: told }: OutlineFile,
  { width, height }: { readonly width: number; readonly height: number },
  name: string,
): { image: RawImage; remarks: readonly string[] } {
  const data = new Uint32Array(width * height);
  const numbers = numbersOf(outlines);
  const spend = createBudget(outlines.length, { width, height }, name);
  let covered = 0;
  for (const [i, { polygons }] of outlines.entries()) {
    for (const polygon of polygons) {
      for (const { y, x0, x1 } of spansWithin(polygon, width, height, spend)) {
        spend(x1 - x0);
        for (let pixel = y * width + x0; pixel < y * width + x1; pixel++) {
          if (data[pixel] !== 0 && data[pixel] !== numbers[i]) covered++;
          data[pixel] = numbers[i];
        }
      }
    }
  }
  const left = new Set(data);
  const lost = numbers.filter((number) => !left.has(number));
  if (lost.length === numbers.length && lost.length > 0) {
    throw new Error(
      `${name}: none of its ${lost.length} outlines has a pixel in the image of ` +
        `${width}x${height} pixels: does it belong to another image?`,
    );
  }
  const remarks = [
    ...told.map((remark) => `${name}: ${remark}`),
    ...(covered > 0
      ? [`${name}: outlines overlap in ${covered} pixels, which the later one in the file gets`]
      : []),
    ...(lost.length > 0
      ? [`${name}: ${lost.length} of ${numbers.length} outlines have no pixel in the image`]
      : []),
  ];
  return { image: { width, height, channels: 1, maximum: 2 ** 32 - 1, data }, remarks };
}

/** Counts the work, and throws if it is far more than objects of such an image can need. */
function createBudget(
  count: number,
  { width, height }: { readonly width: number; readonly height: number },
  name: string,
): (work: number) => void {
  let left = MOST_PER_PIXEL * width * height + MOST_ANYWHERE;
  return (work) => {
    left -= work;
    if (left >= 0) return;
    throw new Error(
      `${name}: its ${count} outlines cover the image of ${width}x${height} pixels more than ` +
        `${MOST_PER_PIXEL} times, expected objects that hardly overlap`,
    );
  };
}

function numbersOf(outlines: readonly Outline[]): number[] {
  const named = outlines.map(({ name }) => (/^0*[1-9]\d{0,9}$/.test(name) ? Number(name) : 0));
  const isNumbered =
    named.every((number) => number > 0 && number < 2 ** 32) && new Set(named).size === named.length;
  return isNumbered ? named : outlines.map((_, i) => i + 1);
}

interface Span {
  readonly y: number;
  readonly x0: number;
  /** Past the last pixel. */
  readonly x1: number;
}

/** The pixels whose centres lie within an odd number of rings, row by row, within the image. */
function* spansWithin(
  polygon: Polygon,
  width: number,
  height: number,
  spend: (work: number) => void,
): Generator<Span> {
  const [top, bottom] = rowsOf(polygon, height);
  const starts = new Int32Array(Math.max(0, bottom - top) + 1);
  eachEdge(polygon, height, (from, to) => {
    spend(to - from);
    for (let y = from; y < to; y++) starts[y - top]++;
  });
  let total = 0;
  for (let i = 0; i < starts.length; i++) [starts[i], total] = [total, total + starts[i]];
  const crossings = new Float64Array(total);
  const next = starts.slice();
  eachEdge(polygon, height, (from, to, x0, y0, x1, y1) => {
    for (let y = from; y < to; y++) {
      crossings[next[y - top]++] = x0 + ((y + 0.5 - y0) * (x1 - x0)) / (y1 - y0);
    }
  });
  for (let i = 0; i + 1 < starts.length; i++) {
    const row = crossings.subarray(starts[i], starts[i + 1]).sort();
    for (let k = 0; k + 1 < row.length; k += 2) {
      const x0 = Math.max(0, Math.ceil(row[k] - 0.5));
      const x1 = Math.min(width, Math.ceil(row[k + 1] - 0.5));
      if (x0 < x1) yield { y: top + i, x0, x1 };
    }
  }
}

/** The rows of the image that a polygon reaches: the first, and the one past the last. */
function rowsOf(polygon: Polygon, height: number): [number, number] {
  let [top, bottom] = [height, 0];
  eachEdge(polygon, height, (from, to) => {
    top = Math.min(top, from);
    bottom = Math.max(bottom, to);
  });
  return [top, bottom];
}

/** Visits the edges that cross the middles of rows, from row `from` up to `to`. */
function eachEdge(
  polygon: Polygon,
  height: number,
  visit: (from: number, to: number, x0: number, y0: number, x1: number, y1: number) => void,
): void {
  for (const ring of polygon) {
    for (let i = 0; i < ring.length; i += 2) {
      const j = (i + 2) % ring.length;
      const [y0, y1] = [ring[i + 1], ring[j + 1]];
      const from = Math.max(0, Math.ceil(Math.min(y0, y1) - 0.5));
      const to = Math.min(height, Math.ceil(Math.max(y0, y1) - 0.5));
      if (from < to) visit(from, to, ring[i], y0, ring[j], y1);
    }
  }
}
