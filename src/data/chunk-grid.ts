// The squares that a large image is worked through in: each is predicted, written and recorded at once.

import type { Tile } from "./mirror.js";

/** An image cut into squares, the last of a row or column smaller. */
export interface ChunkGrid {
  /** Of the image, in pixels. */
  readonly width: number;
  /** Rows of the image, in pixels. */
  readonly height: number;
  /** Side of the squares, in pixels. */
  readonly side: number;
  /** Squares per row. */
  readonly columns: number;
  /** Squares per column. */
  readonly rows: number;
  /** Squares in all: `index` counts them row by row, from 0. */
  readonly count: number;
  /** The pixels of a square, inside the image. */
  area(index: number): Tile;
}

/** Returns the grid of an image. */
export function chunkGrid(
  { width, height }: { readonly width: number; readonly height: number },
  side: number,
): ChunkGrid {
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)];
  const area = (index: number): Tile => {
    const [x, y] = [(index % columns) * side, Math.floor(index / columns) * side];
    return { x, y, width: Math.min(side, width - x), height: Math.min(side, height - y) };
  };
  return { width, height, side, columns, rows, count: columns * rows, area };
}

/**
 * Returns the order of work: strips of `across` columns, row by row in each. What the tiles of a
 * square show of its neighbours is then read soon after them, from a cache of three rows of a strip.
 */
export function chunkOrder({ columns, rows }: ChunkGrid, across: number): number[] {
  const order: number[] = [];
  for (let left = 0; left < columns; left += across) {
    for (let row = 0; row < rows; row++) {
      for (let x = left; x < Math.min(columns, left + across); x++) order.push(row * columns + x);
    }
  }
  return order;
}
