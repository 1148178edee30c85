// Batches of the caller's, from an iterator.

import { kindOf } from "../arguments/numbers.js";
import type { OwnBatch } from "./training-types.js";

/** The batches of a run, one after the other; undefined after the last one. */
export interface OwnBatches {
  next(): Promise<OwnBatch | undefined>;
  close(): void;
}

/** Opens the iterator of a function's result. Throws if that is not iterable. */
export function ownBatches(
  from: (first: number) => AsyncIterable<OwnBatch> | Iterable<OwnBatch>,
  first: number,
): OwnBatches {
  const iterable = from(first) as Partial<AsyncIterable<OwnBatch> & Iterable<OwnBatch>>;
  const iterator = iterable?.[Symbol.asyncIterator]?.() ?? iterable?.[Symbol.iterator]?.();
  if (!iterator) {
    throw new Error(
      `train: batches must return an iterable of batches, such as a generator, got ${kindOf(iterable)}`,
    );
  }
  return {
    async next() {
      const { done, value } = await iterator.next();
      return done ? undefined : value;
    },
    close: () => void iterator.return?.(),
  };
}
