// The mean over turned and flipped views (Ronneberger et al. 2015, section 4.1: seven), also known
// as test-time augmentation (TTA). No whole image is turned: a tile of a view is cut from the image
// at the corresponding place, and turned.

import type { StoredImage } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import type { ChannelScale } from "../data/normalise.js";
import { fromSymmetricView, symmetricView } from "../data/symmetric-views.js";
import type { TileSource } from "../data/tile-source.js";
import { predictionRules } from "../options/prediction-options-rules.generated.js";
import { expected, isAllowed } from "../options/rules.js";
import { readTile } from "./read-tile.js";
import { keptPlanes } from "./tile-sink.js";
import type { Size, TilePlace } from "./tiling.js";

/** Throws for a number of views that the option `symmetries` does not allow. */
export function checkSymmetries(count: number): void {
  const rule = predictionRules.symmetries;
  if (isAllowed(rule, count)) return;
  throw new RangeError(`symmetries: got ${count}, expected ${expected(rule)}`);
}

/** Returns where an area of view `index` is in an image of this size. */
export function uprightArea(area: Tile, { width, height }: Size, index: number): Tile {
  const isTurned = index % 2 === 1;
  const [across, down] = isTurned ? [area.y, area.x] : [area.x, area.y];
  const [columns, rows] = isTurned ? [area.height, area.width] : [area.width, area.height];
  const turns = index % 4;
  // Quarter turns are counter-clockwise: count from the right edge after one and two, from the
  // bottom edge after two and three.
  const isMirrored = (turns === 1 || turns === 2) !== index >= 4;
  const x = isMirrored ? width - across - columns : across;
  const y = turns >= 2 ? height - down - rows : down;
  return { x, y, width: columns, height: rows };
}

/** Like `readTile`, for view `index` of an image. */
export async function readView(
  source: TileSource | StoredImage,
  scales: readonly ChannelScale[],
  area: Tile,
  index: number,
): Promise<Float32Array> {
  const upright = uprightArea(area, source, index);
  const data = await readTile(source, scales, upright);
  const { width, height } = upright;
  return symmetricView({ width, height, channels: source.channels, data }, index).data;
}

/**
 * Adds the kept part of a tile's answer, turned back, to the sums of all views,
 * [classes][height][width].
 */
export function addTile(
  values: Float32Array,
  place: TilePlace,
  size: Size,
  total: Float32Array | Float64Array,
): void {
  const { kept, view } = place;
  const planes = keptPlanes(values, place);
  const channels = planes.length / (kept.width * kept.height);
  const { data } = fromSymmetricView({ ...kept, channels, data: planes }, view);
  const { x, y, width, height } = uprightArea(kept, size, view);
  for (let row = 0; row < channels * height; row++) {
    const plane = Math.floor(row / height) * size.height;
    const to = (plane + y + (row % height)) * size.width + x;
    for (let i = 0; i < width; i++) total[to + i] += data[row * width + i];
  }
}

/** Divides the sums of `count` views by that number. */
export function meanOf(total: Float32Array | Float64Array, count: number): Float32Array {
  const mean = new Float32Array(total.length);
  for (let i = 0; i < total.length; i++) mean[i] = total[i] / count;
  return mean;
}
