// The loop over the tiles of an image, for any source of pixels and any destination of
// probabilities.

import type { InputValues, StoredImage } from "../data/image-types.js";
import type { Tile } from "../data/mirror.js";
import type { ChannelScale } from "../data/normalise.js";
import type { TileSource } from "../data/tile-source.js";
import { twoInFlight } from "../data/two-in-flight.js";
import type { Inputs } from "../gpu/plan-spec.js";
import type { Abortable } from "../gpu/slices.js";
import type { Attempt } from "../gpu/survive.js";
import { type GpuTileSource, readTile } from "./read-tile.js";
import type { TileOutput } from "./tile-sink.js";
import {
  placeOf,
  type Shard,
  type Size,
  shardRange,
  type TilePlace,
  type Tiling,
} from "./tiling.js";

/** Which tiles of an image are run. */
export interface TilesRun extends Abortable {
  /** The image's name in errors. */
  readonly name: string;
  /** How its channels are normalised, unless it comes from the GPU. */
  readonly scales?: readonly ChannelScale[] | undefined;
  /** The part of the tiles that runs; all when left out. */
  readonly shard?: Shard | undefined;
  /**
   * The part of the image that is predicted; all when left out. Its x and y are multiples of the
   * network's grid, so that its pixels are those of the whole image. Only with one view.
   */
  readonly area?: Tile | undefined;
  /** The values of the network's further inputs, for the whole image. */
  readonly inputs?: InputValues | undefined;
  /** The number of views of the image, which run one after the other. By default 1. */
  readonly views?: number | undefined;
  /**
   * Whether nothing of the answers stays on the GPU. If it is lost, the tiles that have no answer are
   * then run again on the renewed device.
   */
  readonly isOnHost?: boolean | undefined;
  /** Throws if nothing may be submitted any more; called after each wait. */
  checkOpen?(): void;
}

/** The parts of a predictor that the loop needs. */
export interface TileTools {
  tiles(size: Size & { readonly channels?: number | undefined }, name: string): Promise<Tiling>;
  /** Reads a tile of a view other than the first; its area is in the coordinates of the view. */
  readonly readView?: typeof import("./test-time-mean.js").readView | undefined;
  /** Returns the network's further inputs of a tile; left out if it has none. */
  readonly readInputs?: ((place: TilePlace) => Promise<Inputs>) | undefined;
  /** Runs work again if the GPU is lost; left out if that must not be. */
  readonly survive?: ((work: (attempt: Attempt) => Promise<void>) => Promise<void>) | undefined;
}

const once: NonNullable<TileTools["survive"]> = (work) =>
  work({ loss: undefined, progressed() {} });

/**
 * Runs the plan on every tile, with two in flight on the GPU: reads the tile, submits it, and
 * passes the answer on. Rejects with the first error, or the signal's reason, once nothing is in
 * flight.
 */
export async function runTiles<T>(
  { tiles, readView, readInputs, survive = once }: TileTools,
  source: TileSource | StoredImage | GpuTileSource,
  { take, put }: TileOutput<T>,
  { name, scales = [], shard = { index: 0, count: 1 }, views = 1, area, ...run }: TilesRun,
): Promise<void> {
  const { width, height, channels } = source;
  const check = () => {
    run.signal?.throwIfAborted();
    run.checkOpen?.();
  };
  for (let view = 0; view < views; view++) {
    // Odd quarter turns swap width and height.
    const whole = view % 2 ? { width: height, height: width } : { width, height };
    const size = area ?? whole;
    let done = 0;
    /** Why a tile was not taken: it is not offered twice. */
    let refused: { readonly error: unknown } | undefined;
    await survive(async ({ progressed }) => {
      check();
      const tiling = await tiles({ width: size.width, height: size.height, channels }, name);
      try {
        const { plan, origins } = tiling;
        if (area) checkArea(area, { width, height }, tiling, name);
        /** Inputs that have been taken, to be written again: garbage of this size is costly. */
        const spare: Float32Array[] = [];
        const places = origins.map((_, index) => placeOf(tiling, size, view, index, area));
        await twoInFlight(
          places.slice(...shardRange(origins.length, shard)).slice(done),
          async (place) => {
            check();
            if ("draw" in source) {
              const more = await readInputs?.(place);
              check();
              // Without a pause: the next tile is drawn into the same memory.
              source.draw(place);
              plan.run(more);
              return take(place);
            }
            const image =
              view && readView
                ? await readView(source, scales, place.area, view)
                : await readTile(source, scales, place.area, spare.pop());
            const more = await readInputs?.(place);
            check();
            plan.run({ image, ...more });
            const result = await take(place, image);
            spare.push(image);
            return result;
          },
          async (result, place) => {
            try {
              await put(result, place);
            } catch (error) {
              refused = { error };
              throw error;
            }
            done++;
            progressed();
          },
        );
      } catch (error) {
        if (!refused) throw error;
      } finally {
        tiling.release();
      }
    });
    if (refused) throw (refused as { readonly error: unknown }).error;
  }
}

function checkArea({ x, y, ...size }: Tile, whole: Size, { gridStep }: Tiling, name: string): void {
  const isIn = x >= 0 && y >= 0 && x + size.width <= whole.width && y + size.height <= whole.height;
  if (isIn && x % gridStep === 0 && y % gridStep === 0 && size.width > 0 && size.height > 0) return;
  throw new RangeError(
    `${name}: the area ${size.width} x ${size.height} at x ${x}, y ${y} cannot be predicted: expected ` +
      `one inside ${whole.width} x ${whole.height} that begins at multiples of ${gridStep}`,
  );
}
