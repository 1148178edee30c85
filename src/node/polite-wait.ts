// Waits for a GPU that runs on the CPU. While a promise of the GPU is pending, Dawn's binding for
// Node polls in every turn of the event loop, and so keeps a core busy: on two cores, a software
// adapter computes at half its speed. Sleeping between the polls leaves the core to the adapter.

import type { Wait } from "../gpu/device.js";

/** A nap takes this share of the time waited so far, within the bounds. */
const SHARE = 0.05;
const SHORTEST_MS = 0.05;
const LONGEST_MS = 1;

/** Returns a way to wait during which the thread sleeps; the event loop turns once per nap. */
export function politeWait(): Wait {
  const cell = new Int32Array(new SharedArrayBuffer(4)); // never changed: waits end by timeout
  let open = 0;
  let since = 0;
  let isScheduled = false; // one chain of naps, also if one wait follows another immediately
  const schedule = () => {
    if (!isScheduled) setImmediate(nap);
    isScheduled = true;
  };
  const nap = () => {
    isScheduled = false;
    if (open === 0) return;
    const waited = performance.now() - since;
    Atomics.wait(cell, 0, 0, Math.min(LONGEST_MS, Math.max(SHORTEST_MS, waited * SHARE)));
    schedule();
  };
  return async (pending) => {
    open++;
    since = performance.now(); // of the newest: if waits overlap, there may always be one
    schedule();
    try {
      return await pending;
    } finally {
      open--;
    }
  };
}
