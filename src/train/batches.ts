// Where the training loop takes its batches from: cut by the loop itself while the GPU works, or by
// other threads.

import type { Prepared } from "../data/prepare.js";
import { type Batch, type TileOptions, tileCutter } from "../data/tiles.js";

export { prepareSamples } from "../data/prepare.js";

/** The tiles of a run, as plain values that can be handed to another thread. */
export interface BatchRequest {
  readonly prepared: Prepared;
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
export const cutBatches: OpenBatches = ({ prepared, tiles, size }) => {
  const cut = tileCutter(prepared, tiles);
  return { next: (number) => cut(number, size), close() {} };
};
