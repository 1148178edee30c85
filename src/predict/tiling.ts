// Where the tiles of a prediction lie in an image. They stand at multiples of the pooling grid, so that the
// pixels are those that one pass over the whole image would give.

import type { Tile } from "../data/mirror.js";
import type { TilePlan } from "./tile-plans.js";

export interface Origin {
  readonly x: number;
  readonly y: number;
}

/** How an image is predicted: a run of the plan for each origin. */
export interface Tiling extends TilePlan {
  /** Side of the input tile in pixels. */
  readonly tile: number;
  /** Side of what is predicted of it, at its centre. */
  readonly side: number;
  /** Pixels from one origin to the next, in a row and in a column. */
  readonly originStep: number;
  /** Where the centres lie in the image, row by row. */
  readonly origins: readonly Origin[];
  /** To be called once when the plan is not needed any more: it may be closed for others then. */
  release(): void;
}

/** One tile of a view of an image (src/data/symmetric-views.ts), in the coordinates of the view. */
export interface TilePlace {
  readonly tiling: Tiling;
  readonly view: number;
  /** Which of the tiling's origins it has. */
  readonly index: number;
  /** What the plan reads, past the edges too. */
  readonly area: Tile;
  /**
   * What counts of the answer, from its top left corner on: where tiles overlap, the later one counts. The
   * areas of all tiles cover the view once.
   */
  readonly kept: Tile;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The largest distance of tiles that is a multiple of the pooling grid and at most the output's side. */
export function originStep(output: number, grid: number): number {
  // A tile that covers the image needs no distance.
  return Math.max(grid, Math.floor(output / grid) * grid);
}

/** Where the output tiles stand so that they cover an image, row by row. */
export function tileOrigins({ width, height }: Size, output: number, grid: number): Origin[] {
  if (output < grid && Math.max(width, height) > output) {
    throw new Error(
      `tiles with an output of ${output} pixels cannot cover an image of ${width} x ${height}: the output must be at least ${grid}; choose a larger tile`,
    );
  }
  const step = originStep(output, grid);
  const along = (size: number) => {
    const count = Math.max(1, Math.ceil((size - output) / step) + 1);
    return Array.from({ length: count }, (_, i) => i * step);
  };
  return along(height).flatMap((y) => along(width).map((x) => ({ x, y })));
}

/** The place of a tile in a view of that size. */
export function placeOf(tiling: Tiling, size: Size, view: number, index: number): TilePlace {
  const { tile, side, originStep: step, origins } = tiling;
  const { x, y } = origins[index];
  const last = origins[origins.length - 1];
  const margin = (tile - side) / 2;
  const width = Math.min(x < last.x ? step : side, size.width - x);
  const height = Math.min(y < last.y ? step : side, size.height - y);
  const area = { x: x - margin, y: y - margin, width: tile, height: tile };
  return { tiling, view, index, area, kept: { x, y, width, height } };
}

/** A part of the tiles of each view, for one of several machines that share an image. */
export interface Shard {
  /** From 0. */
  readonly index: number;
  /** Number of all shards. */
  readonly count: number;
}

/** The first of the tiles of a shard, and the one after its last. */
export function shardRange(tiles: number, { index, count }: Shard): [number, number] {
  const border = (shard: number) => Math.floor((tiles * shard) / count);
  return [border(index), border(index + 1)];
}
