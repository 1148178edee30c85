// Where the probabilities of tiles go: to an array, to whoever collects them, or into memory of the GPU.

import { cutTile, type Tile } from "../data/mirror.js";
import type { Size, TilePlace } from "./tiling.js";

export interface TileSink {
  /**
   * Takes the probabilities of an area of the image, [classes][area.height][area.width]: tile by tile, row
   * by row, no pixel twice. The next tile waits for it.
   */
  write(area: Tile, planes: Float32Array): void | Promise<void>;
}

/** What becomes of tiles that have run. */
export interface TileOutput<T> {
  /**
   * Called right after the tile was submitted, before another one is: submits what reads the answer.
   * `planes`: what the plan was given, unless the tile came from the GPU.
   */
  take(place: TilePlace, planes?: Float32Array): Promise<T>;
  /** Called with the result, in the order of the tiles. */
  put(result: T, place: TilePlace): void | Promise<void>;
}

/** What counts of the answer to a tile: [classes][kept.height][kept.width]. */
export function keptPlanes(values: Float32Array, { tiling, kept }: TilePlace): Float32Array {
  const { side, probabilities } = tiling;
  const planes = { width: side, height: side, channels: probabilities.shape[1], data: values };
  return cutTile(planes, { ...kept, x: 0, y: 0 });
}

/** Reads what counts of each tile. */
export function readTiles(
  put: (planes: Float32Array, place: TilePlace) => void | Promise<void>,
): TileOutput<Float32Array> {
  return {
    take: ({ tiling: { plan, probabilities } }) => plan.read(probabilities),
    put: (values, place) => put(keptPlanes(values, place), place),
  };
}

/** Copies what counts of a tile to its place in whole planes. */
export function pasteTile(
  planes: Float32Array,
  { kept: { x, y, width, height } }: TilePlace,
  whole: Size,
  result: Float32Array | Float64Array,
): void {
  for (let row = 0; row * width < planes.length; row++) {
    const to = (Math.floor(row / height) * whole.height + y + (row % height)) * whole.width + x;
    result.set(planes.subarray(row * width, (row + 1) * width), to);
  }
}
