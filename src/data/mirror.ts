// "The missing context is extrapolated by mirroring the input image" (paper, section 2, figure 2).

import type { Planes } from "./image-types.js";

/** A rectangle in an image's pixels, which may be partly or wholly outside the image. */
export interface Tile {
  /** First column; may be below 0. */
  readonly x: number;
  /** First row; may be below 0. */
  readonly y: number;
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
}

/**
 * Returns the index inside 0 .. size - 1 that `index` mirrors to, like `reflect` of NumPy and ONNX:
 * the edge is not repeated, a margin wider than the image reflects again, and size 1 has only index
 * 0.
 */
export function mirrorIndex(index: number, size: number): number {
  if (index >= 0 && index < size) return index;
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const phase = ((index % period) + period) % period;
  return phase < size ? phase : period - phase;
}

/** Returns a range that contains the indices that `first` to `last` mirror to. */
export function mirroredRange(first: number, last: number, size: number): [number, number] {
  if (first < 1 - size || last > 2 * (size - 1)) return [0, size - 1];
  const low = first < 0 ? 0 : last < size ? first : Math.min(first, 2 * (size - 1) - last);
  const high = last >= size ? size - 1 : first >= 0 ? last : Math.max(last, -first);
  return [low, high];
}

/** Returns the part of an image that a tile shows, including what is mirrored. */
export function mirroredArea(tile: Tile, size: Pick<Planes, "width" | "height">): Tile {
  const [left, right] = mirroredRange(tile.x, tile.x + tile.width - 1, size.width);
  const [top, bottom] = mirroredRange(tile.y, tile.y + tile.height - 1, size.height);
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** Planes of which only an area may be available, [channels][area.height][area.width]. */
export interface PartialPlanes extends Planes {
  /** The part of the image that `data` holds; all of it when left out. */
  readonly area?: Tile | undefined;
}

/**
 * Copies the values of a tile, [channels][tile.height][tile.width], mirrored where the tile extends
 * past the image, to `target` from `offset` on; by default a new array. For a label map these are
 * the class indices, including `IGNORED`. If only an area of the image is available, it must
 * contain the `mirroredArea` of the tile.
 */
export function cutTile(
  source: PartialPlanes,
  tile: Tile,
  target: Float32Array = new Float32Array((source.channels ?? 1) * tile.width * tile.height),
  offset = 0,
): Float32Array {
  const { width, height, channels = 1, data, area = { x: 0, y: 0, width, height } } = source;
  const columns = new Int32Array(tile.width);
  for (let x = 0; x < tile.width; x++) columns[x] = mirrorIndex(tile.x + x, width) - area.x;
  const inside = tile.x >= 0 && tile.x + tile.width <= width;
  let to = offset;
  for (let channel = 0; channel < channels; channel++) {
    for (let y = 0; y < tile.height; y++, to += tile.width) {
      const row = channel * area.height + mirrorIndex(tile.y + y, height) - area.y;
      const from = row * area.width;
      if (inside) {
        target.set(data.subarray(from + columns[0], from + columns[0] + tile.width), to);
      } else {
        for (let x = 0; x < tile.width; x++) target[to + x] = data[from + columns[x]];
      }
    }
  }
  return target;
}
