// Where the training loop gets its batches: it cuts them itself while the GPU works, or other
// threads do.

import { batchCutter, type ReadSample } from "../data/open-samples.js";
import type { Prepared } from "../data/prepare.js";
import type { Batch, TileOptions } from "../data/tiles.js";

export { prepareSampleFiles, prepareSamples } from "../data/prepare.js";
export { readSample } from "../data/survey.js";

/**
 * The tiles of a run. All fields except `read` are plain values that can be sent to another thread.
 */
export interface BatchRequest {
  /** What the tiles are cut from. */
  readonly prepared: Prepared;
  /** Reads a sample that is not in memory, on the thread of the loop. */
  readonly read?: ReadSample | undefined;
  /** Size and augmentation of the tiles. */
  readonly tiles: TileOptions;
  /** Tiles per batch. */
  readonly size: number;
  /**
   * The number of the first batch, after those of earlier steps, and the end of the run's batches.
   */
  readonly first: number;
  /** The number of the batch after the last one. */
  readonly end: number;
}

/** The batches of a run, one after the other. */
export interface Batches {
  /** Returns batch `number` of the run. Called once for each of first .. end - 1, in order. */
  next(number: number): Batch | Promise<Batch>;
  /** Ends the threads that cut tiles, where there are any. */
  close(): void;
}

/** Starts to cut the batches of a run. `batchWorkers` of `micrograph/node` does it in threads. */
export type OpenBatches = (request: BatchRequest) => Batches;

/** Cuts each batch when it is requested, on the same thread. */
export const cutBatches: OpenBatches = ({ prepared, tiles, size, read = unread }) => {
  const cut = batchCutter(prepared, tiles, read);
  return { next: (number) => cut(number, size), close() {} };
};

const unread: ReadSample = async ({ name }) => {
  throw new Error(`sample ${name} is not in memory, and there is no function to read it`);
};
