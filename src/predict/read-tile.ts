// The input of tiles: an image in memory, one that is read area by area, or pixels on the GPU.

import type { StoredImage } from "../data/image-types.js";
import { cutTile, mirroredArea, type Tile } from "../data/mirror.js";
import { type ChannelScale, normaliseInto } from "../data/normalise.js";
import type { TileSource } from "../data/tile-source.js";
import type { Size, TilePlace } from "./tiling.js";

/** Pixels on the GPU. Only the size of the image is known here. */
export interface GpuTileSource {
  /** Columns of the whole image, in pixels. */
  readonly width: number;
  /** Rows of the whole image, in pixels. */
  readonly height: number;
  /** What tells it from a `TileSource`: it has none. */
  readonly channels?: undefined;
  /** Submits commands that write the tile of a view, normalised, into the input of its plan. */
  draw(place: TilePlace): void;
}

const isInside = ({ x, y, ...size }: Tile, { width, height }: Size) =>
  x >= 0 && y >= 0 && x + size.width <= width && y + size.height <= height;

/** Returns a tile of an image, normalised: [channels][area.height][area.width]; in `target` if it has this length. */
export async function readTile(
  source: TileSource | StoredImage,
  scales: readonly ChannelScale[],
  area: Tile,
  target?: Float32Array | undefined,
): Promise<Float32Array> {
  const { width, height, channels, maximum } = source;
  const inside = mirroredArea(area, source);
  const isWhole = isInside(area, source); // nothing is mirrored, as in most tiles of a large image
  const length = channels * inside.width * inside.height;
  const data = isWhole && target?.length === length ? target : new Float32Array(length);
  if ("data" in source) normaliseInto(data, source, scales, inside);
  else {
    const part = { ...inside, channels, maximum, data: await source.read(inside) };
    normaliseInto(data, part, scales, { ...inside, x: 0, y: 0 });
  }
  return isWhole ? data : cutTile({ width, height, channels, data, area: inside }, area);
}
