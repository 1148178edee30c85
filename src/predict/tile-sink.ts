// The destination of the probabilities of tiles: an array, a callback, or memory on the GPU.

import { cutTile, type Tile } from "../data/mirror.js";
import type { Size, TilePlace } from "./tiling.js";

/** Takes what counts of each tile, in the order of the tiles. */
export interface TileSink {
  /**
   * Receives the probabilities of an area of the image, [classes][area.height][area.width]: tile by
   * tile, row by row, no pixel twice. The next tile waits for it.
   */
  write(area: Tile, planes: Float32Array): void | Promise<void>;
}

/** Processes tiles that have run. */
export interface TileOutput<T> {
  /**
   * Called right after the tile is submitted and before the next one is, to submit commands that
   * read the answer. `planes`: the plan's input, unless the tile came from the GPU.
   */
  take(place: TilePlace, planes?: Float32Array): Promise<T>;
  /** Called with the result, in the order of the tiles. */
  put(result: T, place: TilePlace): void | Promise<void>;
}

/** Returns the kept part of a tile's answer: [classes][kept.height][kept.width]. */
export function keptPlanes(values: Float32Array, { tiling, kept }: TilePlace): Float32Array {
  const { side, probabilities } = tiling;
  const planes = { width: side, height: side, channels: probabilities.shape[1], data: values };
  return cutTile(planes, { ...kept, x: 0, y: 0 });
}

/** Reads the answer of each tile: [classes][side][side]. */
export function readTiles(
  put: (values: Float32Array, place: TilePlace) => void | Promise<void>,
): TileOutput<Float32Array> {
  return { take: ({ tiling: { plan, probabilities } }) => plan.read(probabilities), put };
}

/** Copies the kept part of a tile's answer to its place in whole planes. */
export function pasteTile(
  values: Float32Array,
  { tiling: { side }, kept: { x, y, width, height } }: TilePlace,
  whole: Size,
  result: Float32Array | Float64Array,
): void {
  for (let plane = 0; plane * side * side < values.length; plane++) {
    for (let row = 0; row < height; row++) {
      const from = (plane * side + row) * side;
      const to = (plane * whole.height + y + row) * whole.width + x;
      result.set(values.subarray(from, from + width), to);
    }
  }
}
