// The positions of tiles in an image. They are multiples of the pooling grid, so that the pixels
// equal those of one pass over the whole image.

import type { Tile } from "../data/mirror.js";
import type { TilePlan } from "./tile-plans.js";

/** Where a tile begins. */
export interface Origin {
  /** Column, in pixels. */
  readonly x: number;
  /** Row, in pixels. */
  readonly y: number;
}

/** How an image is predicted: one run of the plan per origin. */
export interface Tiling extends TilePlan {
  /** Side of the input tile in pixels. */
  readonly tile: number;
  /** Side of the predicted area at its centre. */
  readonly side: number;
  /** Pixels between neighbouring origins, horizontally and vertically. */
  readonly originStep: number;
  /** Origins are multiples of this, the network's pooling grid. */
  readonly gridStep: number;
  /** The positions of the centres in the image, row by row. */
  readonly origins: readonly Origin[];
  /** Call once when the plan is no longer needed: it may then be closed to make room for others. */
  release(): void;
}

/** One tile of a view of an image (src/data/symmetric-views.ts), in the coordinates of the view. */
export interface TilePlace {
  /** The tiling of its view. */
  readonly tiling: Tiling;
  /** The symmetry of the image, 0 to 7. */
  readonly view: number;
  /** The index of its origin in the tiling. */
  readonly index: number;
  /** The area that the plan reads, which can extend past the edges. */
  readonly area: Tile;
  /**
   * The area that is kept, from the top left corner of the answer on: where tiles overlap, the
   * later one is kept. The areas of all tiles cover the view exactly once.
   */
  readonly kept: Tile;
}

/** The size of an image or a tile. */
export interface Size {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
}

/**
 * Returns the largest distance between tiles that is a multiple of the pooling grid and at most the
 * output's side.
 */
export function originStep(output: number, grid: number): number {
  // If one tile covers the image, the distance does not matter.
  return Math.max(grid, Math.floor(output / grid) * grid);
}

/** Returns the origins of output tiles that cover an image, row by row. */
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

/**
 * Returns the place of a tile in a view of this size, or in a part of an image that begins at `from`.
 */
export function placeOf(
  tiling: Tiling,
  size: Size,
  view: number,
  index: number,
  from: Origin = { x: 0, y: 0 },
): TilePlace {
  const { tile, side, originStep: step, origins } = tiling;
  const { x, y } = origins[index];
  const last = origins[origins.length - 1];
  const margin = (tile - side) / 2;
  const width = Math.min(x < last.x ? step : side, size.width - x);
  const height = Math.min(y < last.y ? step : side, size.height - y);
  const [left, top] = [x + from.x, y + from.y];
  const area = { x: left - margin, y: top - margin, width: tile, height: tile };
  return { tiling, view, index, area, kept: { x: left, y: top, width, height } };
}

/** A part of the tiles of each view, for one of several machines that share an image. */
export interface Shard {
  /** Counted from 0. */
  readonly index: number;
  /** The number of shards. */
  readonly count: number;
}

/** Returns the first tile of a shard, and the one after its last. */
export function shardRange(tiles: number, { index, count }: Shard): [number, number] {
  const border = (shard: number) => Math.floor((tiles * shard) / count);
  return [border(index), border(index + 1)];
}
