// The types of predictors.

import type { Image, InputValues, StoredImage } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { TileSource } from "../data/tile-source.js";
import type { Abortable } from "../gpu/slices.js";
import type { Architecture } from "../model/architecture.js";
import type { Prediction } from "../train/training-types.js";
import type { GpuTileSource } from "./read-tile.js";
import type { TilesRun } from "./run-tiles.js";
import type { TileOutput } from "./tile-sink.js";
import type { Tiling } from "./tiling.js";

/** How a predictor tiles images and what it averages over. */
export interface PredictorOptions extends Abortable {
  /**
   * An output of the network by name, of which `predict` then returns the values themselves, a plane
   * per channel: "distances", or "logits". By default the probabilities of the classes.
   */
  readonly output?: string | undefined;
  /**
   * Side of the input tile, or "image" for one pass over an image of any size, so that norms over pixels
   * take the statistics of all of it. By default one pass for small images, else tiles of about 700 pixels.
   */
  readonly tile?: number | "image" | undefined;
  /** The number of views of the image to average, 1 to 8 (test-time-mean.ts). By default 1. */
  readonly symmetries?: number | undefined;
  /**
   * Called after each tile with the number of tiles done, and of all tiles of this view of the
   * image.
   */
  readonly onTile?: ((done: number, total: number) => void) | undefined;
  /**
   * Architectures of checkpoints besides the built-in ones. By default those that the file was decoded
   * with.
   */
  readonly models?: readonly Architecture[] | undefined;
}

/** Predicts images with the weights of one checkpoint. */
export interface Predictor {
  /**
   * Returns the probabilities of every class for an image of any size, with the same size. The
   * image, of float values or as stored, is normalised as the checkpoint says. Throws if the data
   * do not fill the sizes, if the number of channels is not the model's, and after `close`. A network
   * that reads more than the image takes these values, as they are, from `inputs`: planes are cut into the
   * same tiles, those of another size resampled to that of the image first.
   */
  predict(image: StoredImage, name: string, inputs?: InputValues): Promise<Prediction>;
  /**
   * Returns how one view of an image of this size is predicted tile by tile. Throws like `predict`.
   */
  tiles(image: ImageSize, name: string): Promise<Tiling>;
  /**
   * Runs every tile of an image, in all views; `predict`, `predictTiles` and micrograph/canvas use
   * this. Rejects like `predict`, and with the errors of source and output.
   */
  runTiles<T>(
    source: TileSource | StoredImage | GpuTileSource,
    output: TileOutput<T>,
    options: TilesRun,
  ): Promise<void>;
  /**
   * Runs work again, from its beginning, each time that the GPU is lost meanwhile, on the device opened again:
   * for work around `runTiles` whose results lie on the GPU. Rejects with the loss if the weights are
   * those of a training, which go with it.
   */
  surviving<T>(work: () => Promise<T>): Promise<T>;
  /** The number of channels of images. */
  readonly channels: number;
  /** Number of classes. */
  readonly classes: number;
  /** How images are normalised; `predict` does this. */
  readonly normalisation: Normalisation;
  /** The number of views to average. */
  readonly symmetries: number;
  /** Releases everything on the GPU; `using` does it at the end of a block. */
  close(): void;
  [Symbol.dispose](): void;
}

/** If `channels` is not given, it is the model's. */
export type ImageSize = Pick<Image, "width" | "height"> & Partial<Pick<Image, "channels">>;
