// Runs long work in slices of the thread, so that a page can respond and draw between them, and
// ends work when a signal aborts it.

import type { Pausable } from "../graph/pausable.js";

/** Options of calls that can be aborted. */
export interface Abortable {
  /** Aborts the call: it rejects with the signal's reason and releases what it has created. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds after which a slice ends: including its last piece it stays below 50. */
const SLICE_MS = 10;

/** The slices of one call. */
export interface Slices {
  /** Runs a computation to its end, calling `around` for each slice of it. */
  run<T>(work: Pausable<T>, around?: <R>(slice: () => R) => R): Promise<T>;
  /** Ends the slice if its time is up. */
  pause(): Promise<void>;
  /** Waits for another promise. */
  wait<T>(pending: Promise<T>): Promise<T>;
}

/** Every method rejects with the signal's reason as soon as it is aborted. */
export function createSlices({ signal }: Abortable = {}): Slices {
  signal?.throwIfAborted();
  let end = performance.now() + SLICE_MS;
  const isOver = () => performance.now() >= end;
  const next = async () => {
    await nextTask();
    signal?.throwIfAborted();
    end = performance.now() + SLICE_MS;
  };
  return {
    async run(work, around = (slice) => slice()) {
      const slice = () => {
        for (;;) {
          const piece = work.next();
          if (piece.done || isOver()) return piece;
        }
      };
      for (;;) {
        const { done, value } = around(slice);
        if (done) return value;
        await next();
      }
    },
    async pause() {
      if (isOver()) await next();
    },
    async wait(pending) {
      const result = await orAborted(pending, signal);
      end = performance.now() + SLICE_MS;
      return result;
    },
  };
}

/** Resolves in a new task. Timers are throttled in pages that are not visible. */
function nextTask(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

/** Returns the result of a promise, or rejects with the signal's reason, whichever comes first. */
export async function orAborted<T>(
  pending: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return pending;
  pending.catch(() => {}); // if the signal comes first nobody waits for it
  signal.throwIfAborted();
  const ended = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { signal: ended.signal });
  });
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    ended.abort();
  }
}
