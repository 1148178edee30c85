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

/**
 * Returns the squares that a view shows, those next to its middle first: the order in which a page
 * predicts what is looked at. `view`: an area of the image, which may reach past its edges.
 */
export function chunksAround(grid: ChunkGrid, view: Tile): number[] {
  const [left, top] = [Math.max(0, view.x), Math.max(0, view.y)];
  const right = Math.min(grid.width, view.x + view.width);
  const bottom = Math.min(grid.height, view.y + view.height);
  const found: { readonly index: number; readonly distance: number }[] = [];
  for (let row = Math.floor(top / grid.side); row * grid.side < bottom; row++) {
    for (let column = Math.floor(left / grid.side); column * grid.side < right; column++) {
      const index = row * grid.columns + column;
      const { x, y, width, height } = grid.area(index);
      const dx = x + width / 2 - (view.x + view.width / 2);
      const dy = y + height / 2 - (view.y + view.height / 2);
      found.push({ index, distance: dx * dx + dy * dy });
    }
  }
  return found
    .sort((a, b) => a.distance - b.distance || a.index - b.index)
    .map(({ index }) => index);
}
