// Predicts images of any size tile by tile: pixels come from the caller's source, probabilities go
// to the caller's sink.

import { checkKeys, type Keys } from "../arguments/keys.js";
import { kindOf } from "../arguments/numbers.js";
import { checkNormalisation } from "../data/check-normalisation.js";
import type { Tile } from "../data/mirror.js";
import { givenScales, type Normalisation } from "../data/normalise.js";
import { sourceStatistics } from "../data/source-statistics.js";
import { fromSymmetricView, symmetricView } from "../data/symmetric-views.js";
import { checkedSource, failedArea, type TileSource } from "../data/tile-source.js";
import type { Abortable } from "../gpu/slices.js";
import type { Predictor } from "./predictor.js";
import { meanOf } from "./test-time-mean.js";
import { keptPlanes, type TileOutput, type TileSink } from "./tile-sink.js";
import { type Shard, shardRange, type TilePlace } from "./tiling.js";

/** How tiles are predicted, and which. */
export interface PredictTilesOptions extends Abortable {
  /** Name of the image in errors. By default "the image". */
  readonly name?: string | undefined;
  /**
   * Predicts only a part of the tiles, so that several machines can share an image. By default all.
   */
  readonly shard?: Shard | undefined;
  /**
   * Predicts only this part of the image, the same to the bit as in a prediction of the whole. Its x
   * and y must be multiples of the network's grid (16 for a U-Net of depth 4); a shard is then one of
   * the tiles of this part. By default all.
   */
  readonly area?: Tile | undefined;
  /**
   * How this image is normalised; by default as the checkpoint says. If several shards share an
   * image, compute its `sourceStatistics` once: otherwise each shard reads the whole image for its
   * mean and standard deviation.
   */
  readonly normalisation?: Normalisation | undefined;
  /** Called after each tile with the number of tiles done, and of all tiles in this shard. */
  readonly onTile?: ((done: number, total: number) => void) | undefined;
}

const OPTIONS: Keys<PredictTilesOptions> = {
  name: 1,
  shard: 1,
  area: 1,
  normalisation: 1,
  onTile: 1,
  signal: 1,
};

/**
 * Predicts an image that need not be in memory, [channels][height][width], tile by tile:
 * `source.read(area)` returns pixels, [channels][area.height][area.width], and
 * `sink.write(area, planes)` receives probabilities, [classes][area.height][area.width], in 0..1 and
 * summing to 1 over the classes. The areas cover the image exactly once. Two tiles are in flight, so
 * memory depends only on the tile size. Without symmetries the probabilities are those of
 * `Predictor.predict` to the bit. With symmetries each tile is turned separately and the mean of its
 * views is taken: if the sides of the image do not fit the network's grid, this differs from the mean
 * of views of the whole image.
 *
 * If the checkpoint normalises each image by its own mean and standard deviation, the source is first
 * read twice, in bands of whole rows (`sourceStatistics`).
 *
 * Rejects like `Predictor.predict`, with the signal's reason, and if the source or the sink fails,
 * with a sentence that names the image and the area (`cause` is the original error).
 *
 * @example
 * // A Zarr array of 16 bits, [height][width], predicted into another one, [2][height][width].
 * const source = {
 *   width: 100_000, height: 80_000, channels: 1, maximum: 65535,
 *   read: async ({ x, y, width, height }) =>
 *     (await zarr.get(input, [zarr.slice(y, y + height), zarr.slice(x, x + width)])).data,
 * };
 * const sink = {
 *   write: ({ x, y, width, height }, data) =>
 *     zarr.set(output, [null, zarr.slice(y, y + height), zarr.slice(x, x + width)],
 *       { data, shape: [2, height, width], stride: [height * width, width, 1] }),
 * };
 * await predictTiles(predictor, source, sink, { name: "slide.zarr", shard: { index: 3, count: 16 } });
 */
export async function predictTiles(
  predictor: Predictor,
  source: TileSource,
  sink: TileSink,
  options: PredictTilesOptions = {},
): Promise<void> {
  checkKeys("predictTiles", options, OPTIONS);
  const { name = "the image", shard = { index: 0, count: 1 }, onTile } = options;
  if (typeof sink?.write !== "function") {
    throw new Error(`${name}: a sink must have a function write, got ${kindOf(sink?.write)}`);
  }
  let done = 0;
  await answerTiles(predictor, source, options, async (values, place) => {
    const { kept, tiling } = place;
    try {
      await sink.write(kept, keptPlanes(values, place));
    } catch (error) {
      throw failedArea(error, `${name}: the probabilities`, kept, "cannot be written");
    }
    const [first, end] = shardRange(tiling.origins.length, shard);
    onTile?.(++done, end - first);
  });
}

/**
 * Passes the answers for the tiles of an image on as they are, [classes][side][side]: what is kept of them is in the
 * place. Rejects like `predictTiles`.
 */
export async function answerTiles(
  predictor: Predictor,
  source: TileSource,
  options: Omit<PredictTilesOptions, "onTile">,
  put: TileOutput<Float32Array>["put"],
): Promise<void> {
  const { name = "the image", shard = { index: 0, count: 1 }, area, signal } = options;
  checkShard(shard);
  const checked = checkedSource(source, name);
  const { channels } = checked;
  if (channels !== predictor.channels) {
    throw new Error(
      `${name} has ${channels} channels, but the model was trained on ${predictor.channels}`,
    );
  }
  const known = options.normalisation ?? predictor.normalisation;
  const given = givenScales(checkNormalisation(known, channels, name), name);
  const scales = given ?? givenScales(await sourceStatistics(source, { name, signal }));
  const output: TileOutput<Float32Array> = {
    take: (place, planes) => meanOfViews(predictor, place, planes as Float32Array),
    put,
  };
  const how = { name, scales, shard, area, signal, views: 1, isOnHost: true };
  await predictor.runTiles(checked, output, how);
}

/**
 * Returns the answer for a tile, or the mean of the answers for its views, each turned back:
 * [classes][side][side].
 */
async function meanOfViews(
  { symmetries, channels }: Predictor,
  { tiling: { plan, probabilities, tile, side } }: TilePlace,
  image: Float32Array,
): Promise<Float32Array> {
  const first = await plan.read(probabilities);
  if (symmetries === 1) return first;
  const total = Float64Array.from(first);
  for (let view = 1; view < symmetries; view++) {
    plan.run({
      image: symmetricView({ width: tile, height: tile, channels, data: image }, view).data,
    });
    const data = await plan.read(probabilities);
    const planes = { width: side, height: side, channels: probabilities.shape[1], data };
    for (const [i, value] of fromSymmetricView(planes, view).data.entries()) total[i] += value;
  }
  return meanOf(total, symmetries);
}

function checkShard({ index, count }: Shard): void {
  if (Number.isSafeInteger(count) && Number.isSafeInteger(index) && index >= 0 && index < count) {
    return;
  }
  throw new RangeError(
    `predictTiles: the shard is index ${index} of count ${count}, expected whole numbers, an index from 0 and below the count`,
  );
}
