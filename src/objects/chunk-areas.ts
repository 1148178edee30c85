// The squares in which images of any size are read.

import type { Tile } from "../data/mirror.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The areas of the chunks of an image, row by row; the last ones are smaller. */
export function chunkAreas({ width, height, side }: Size & { readonly side: number }): Tile[] {
  const areas: Tile[] = [];
  for (let y = 0; y < height; y += side) {
    for (let x = 0; x < width; x += side) {
      areas.push({ x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) });
    }
  }
  return areas;
}

/** An area with a margin, as far as the image reaches. */
export function withMargin({ x, y, width, height }: Tile, image: Size, margin: number): Tile {
  const [left, top] = [Math.max(0, x - margin), Math.max(0, y - margin)];
  const right = Math.min(image.width, x + width + margin);
  const bottom = Math.min(image.height, y + height + margin);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The part of a plane of one area that lies in another within it. */
export function cropPlane(
  plane: Int32Array,
  from: Tile,
  { x, y, width, height }: Tile,
): Int32Array {
  const part = new Int32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y - from.y + row) * from.width + x - from.x;
    part.set(plane.subarray(start, start + width), row * width);
  }
  return part;
}
