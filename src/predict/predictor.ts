// What predicts images. Types only.

import type { Image, StoredImage } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { TileSource } from "../data/tile-source.js";
import type { Abortable } from "../gpu/slices.js";
import type { Architecture } from "../model/architecture.js";
import type { Prediction } from "../train/training-types.js";
import type { GpuTileSource } from "./read-tile.js";
import type { TilesRun } from "./run-tiles.js";
import type { TileOutput } from "./tile-sink.js";
import type { Tiling } from "./tiling.js";

export interface PredictorOptions extends Abortable {
  /** Side of the input tile; by default one pass for small images, else tiles of about 700. */
  readonly tile?: number | undefined;
  /** Views of the image whose mean is taken, 1 to 8 (test-time-mean.ts); 1 when left out. */
  readonly symmetries?: number | undefined;
  /** Called after each tile with the number of those done, and of all, of the view of the image. */
  readonly onTile?: ((done: number, total: number) => void) | undefined;
  /** Architectures of checkpoints that are not of ours. */
  readonly models?: readonly Architecture[] | undefined;
}

export interface Predictor {
  /**
   * Probabilities of every class for an image of any size, as large as the image. The image, of
   * values or as stored, is normalised as the checkpoint says. Throws for data that do not fill the
   * sizes, where the channels differ from the model's, and after `close`.
   */
  predict(image: StoredImage, name: string): Promise<Prediction>;
  /** How one view of an image of that size is predicted tile by tile; throws as `predict` does. */
  tiles(image: ImageSize, name: string): Promise<Tiling>;
  /**
   * Runs every tile of an image, of all views: what `predict`, `predictTiles` and micrograph/canvas are made
   * of. Rejects as `predict` does, and with what source and output throw.
   */
  runTiles<T>(
    source: TileSource | StoredImage | GpuTileSource,
    output: TileOutput<T>,
    options: TilesRun,
  ): Promise<void>;
  /** What an image has, and a prediction. */
  readonly channels: number;
  readonly classes: number;
  /** How images are normalised; `predict` does it on its own. */
  readonly normalisation: Normalisation;
  /** Views of the image whose mean is taken. */
  readonly symmetries: number;
  /** Releases all that it holds on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Channels where they are not known are the model's. */
export type ImageSize = Pick<Image, "width" | "height"> & Partial<Pick<Image, "channels">>;
