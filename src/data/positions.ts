// The positions of training tiles in their image.

import type { LabelMap } from "./image-types.js";
import type { Tile } from "./mirror.js";
import { randomInteger } from "./random.js";

/** Random draws of a position before one is forced to contain a weighted pixel. */
const DRAWS = 8;

/**
 * Returns where tiles of `side` pixels begin along an axis of `size` pixels: 0, stride, 2 stride
 * ... and the last one, which ends with the image. In an image smaller than a tile, the only tile
 * is centred.
 */
export function tileStarts(size: number, side: number, stride: number): number[] {
  const room = size - side;
  if (room <= 0) return [Math.floor(room / 2)];
  const starts = Array.from({ length: Math.ceil(room / stride) }, (_, index) => index * stride);
  return [...starts, room];
}

/**
 * Draws an output tile that contains a pixel with weight above 0; the label has `weighted` such
 * pixels.
 */
export function drawTile(
  label: LabelMap,
  weighted: number,
  side: number,
  next: () => number,
): Tile {
  const { width, height, classes, data } = label;
  const core = label.core ?? { x: 0, y: 0, width, height };
  for (let draw = 0; draw < DRAWS; draw++) {
    const tile = {
      x: core.x + randomStart(next, core.width - side),
      y: core.y + randomStart(next, core.height - side),
      width: side,
      height: side,
    };
    if (weighted === width * height || hasWeight(label, tile)) return tile;
  }
  // Few labelled pixels: place the tile around one of them.
  let remaining = randomInteger(next, weighted);
  const pixel = data.findIndex((index) => index < classes && remaining-- === 0);
  const start = (centre: number, size: number) =>
    clamp(centre - randomInteger(next, side), 0, size - side);
  return {
    x: start(pixel % width, width),
    y: start(Math.floor(pixel / width), height),
    width: side,
    height: side,
  };
}

/** Draws a start in 0 .. room, or in room .. 0 if the image is smaller than the tile. */
function randomStart(next: () => number, room: number): number {
  const step = randomInteger(next, Math.abs(room) + 1);
  return room < 0 ? -step : step;
}

function clamp(start: number, a: number, b: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), start));
}

/**
 * Whether the tile contains a pixel with weight above 0, that is a labelled one; mirrored pixels do
 * not count.
 */
export function hasWeight({ width, height, classes, data }: LabelMap, tile: Tile): boolean {
  const bottom = Math.min(height, tile.y + tile.height);
  const right = Math.min(width, tile.x + tile.width);
  for (let y = Math.max(0, tile.y); y < bottom; y++) {
    for (let x = Math.max(0, tile.x); x < right; x++) {
      if (data[y * width + x] < classes) return true;
    }
  }
  return false;
}
