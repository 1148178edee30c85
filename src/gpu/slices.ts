// Long work in slices of the thread, so that a page can answer and draw between them; and what a signal
// ends.

import type { Pausable } from "../graph/pausable.js";

/** What can be ended before it is done. */
export interface Abortable {
  /** Ends it: the call rejects with the signal's reason, and what it has made is released. */
  readonly signal?: AbortSignal | undefined;
}

/** Milliseconds after which work makes room: with its last piece a slice stays below 50. */
const SLICE_MS = 10;

/** The slices of one call. */
export interface Slices {
  /** Runs a computation to its end; each slice of it within `around`. */
  run<T>(work: Pausable<T>, around?: <R>(slice: () => R) => R): Promise<T>;
  /** Ends the slice if its time is up. */
  pause(): Promise<void>;
  /** Waits for something of others. */
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

/** Resolves in a task of its own. Timers would be held back in a page that is not seen. */
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

/** What a promise gives, or the rejection with the signal's reason, whatever comes first. */
export async function orAborted<T>(
  pending: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return pending;
  pending.catch(() => {}); // where the signal came first nobody waits for it
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
