// Where the training loop takes its batches from: cut by the loop itself while the GPU works, or by
// other threads.

import { batchCutter, type ReadSample } from "../data/open-samples.js";
import type { Prepared } from "../data/prepare.js";
import type { Batch, TileOptions } from "../data/tiles.js";

export { prepareSampleFiles, prepareSamples } from "../data/prepare.js";
export { readSample } from "../data/survey.js";

/** The tiles of a run. All but `read` are plain values that can be handed to another thread. */
export interface BatchRequest {
  readonly prepared: Prepared;
  /** Reads a sample that is not in memory, on the thread of the loop. */
  readonly read?: ReadSample | undefined;
  readonly tiles: TileOptions;
  /** Tiles of a batch. */
  readonly size: number;
  /** Batches of the steps done before, and of the whole run. */
  readonly first: number;
  readonly end: number;
}

export interface Batches {
  /** Batch `number` of the run. Asked once for each of first .. end - 1, in order. */
  next(number: number): Batch | Promise<Batch>;
  close(): void;
}

export type OpenBatches = (request: BatchRequest) => Batches;

/** Cuts each batch when it is asked for, on the thread that asks. */
export const cutBatches: OpenBatches = ({ prepared, tiles, size, read = unread }) => {
  const cut = batchCutter(prepared, tiles, read);
  return { next: (number) => cut(number, size), close() {} };
};

const unread: ReadSample = async ({ name }) => {
  throw new Error(`sample ${name} is not in memory, and nothing reads it`);
};
