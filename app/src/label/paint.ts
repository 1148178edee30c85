// Painting on a label: discs along a line, and filling an area. The functions write into the given array and
// return the area that they changed.

import type { Area, Point, Size } from "../canvas/geometry.js";

/** A label while it is painted: [height][width]. */
export interface Painting extends Size {
  readonly data: Uint8Array;
}

/**
 * Sets the pixels whose centres lie within `radius` (pixels; a single one below 1) of the line from
 * one point to another. Returns the area that may have changed; undefined outside of the image.
 */
export function paintLine(
  { width, height, data }: Painting,
  [from, to]: readonly [Point, Point],
  radius: number,
  value: number,
): Area | undefined {
  const reach = Math.max(0.5, radius);
  const left = Math.max(0, Math.floor(Math.min(from.x, to.x) - reach));
  const top = Math.max(0, Math.floor(Math.min(from.y, to.y) - reach));
  const right = Math.min(width, Math.ceil(Math.max(from.x, to.x) + reach));
  const bottom = Math.min(height, Math.ceil(Math.max(from.y, to.y) + reach));
  if (left >= right || top >= bottom) return undefined;
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length2 = dx * dx + dy * dy;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
      const along = length2 > 0 ? Math.max(0, Math.min(1, (px * dx + py * dy) / length2)) : 0;
      const [ex, ey] = [px - along * dx, py - along * dy];
      if (ex * ex + ey * ey <= reach * reach) data[y * width + x] = value;
    }
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/**
 * Sets the 4-connected pixels of one value around a point to another. Returns the area that they
 * span; undefined outside of the image, or if they already have the value.
 */
export function fillFrom(
  { width, height, data }: Painting,
  at: Point,
  value: number,
): Area | undefined {
  const [x, y] = [Math.floor(at.x), Math.floor(at.y)];
  if (x < 0 || y < 0 || x >= width || y >= height) return undefined;
  const start = y * width + x;
  const old = data[start];
  if (old === value) return undefined;
  let [left, right, top, bottom] = [x, x, y, y];
  // Run by run along the rows: start and end of runs whose neighbours have not been visited.
  const runs: number[] = [];
  const fillRun = (pixel: number) => {
    const row = Math.floor(pixel / width);
    const [rowStart, rowEnd] = [row * width, (row + 1) * width];
    let first = pixel;
    while (first > rowStart && data[first - 1] === old) first--;
    let end = pixel + 1;
    while (end < rowEnd && data[end] === old) end++;
    data.fill(value, first, end);
    [left, right] = [Math.min(left, first - rowStart), Math.max(right, end - 1 - rowStart)];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    runs.push(first, end);
    return end;
  };
  fillRun(start);
  while (runs.length > 0) {
    const [first, end] = runs.splice(-2);
    for (const shift of [-width, width]) {
      const to = end + shift;
      if (first + shift < 0 || to > data.length) continue;
      // The JavaScript engine's own search: a loop here would take most of the time.
      for (let from = first + shift; from < to; ) {
        const found = data.subarray(from, to).indexOf(old);
        if (found < 0) break;
        from = fillRun(from + found);
      }
    }
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The smallest area that holds both. */
export function united(a: Area | undefined, b: Area | undefined): Area | undefined {
  if (!a || !b) return a ?? b;
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  const right = Math.max(a.x + a.width, b.x + b.width);
  const bottom = Math.max(a.y + a.height, b.y + b.height);
  return { x, y, width: right - x, height: bottom - y };
}

/** The values of an area, row by row. */
export function copied(data: Uint8Array, imageWidth: number, area: Area): Uint8Array {
  const result = new Uint8Array(area.width * area.height);
  for (let row = 0; row < area.height; row++) {
    const from = (area.y + row) * imageWidth + area.x;
    result.set(data.subarray(from, from + area.width), row * area.width);
  }
  return result;
}

/** A copy of the label with an area set to earlier values. */
export function restored(
  data: Uint8Array,
  imageWidth: number,
  area: Area,
  values: Uint8Array,
): Uint8Array {
  const result = data.slice();
  for (let row = 0; row < area.height; row++) {
    const to = (area.y + row) * imageWidth + area.x;
    result.set(values.subarray(row * area.width, (row + 1) * area.width), to);
  }
  return result;
}
