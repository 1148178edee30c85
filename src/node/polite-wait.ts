// Waiting for a GPU that is the processor itself. While a promise of the GPU is open, Dawn's binding
// for Node asks again and again whether it is done, in every turn of the event loop, and so keeps a
// core busy: on two cores, an adapter in software computes at half its speed. Naps between the
// questions leave the core to the adapter.

import type { Wait } from "../gpu/device.js";

/** A nap takes this share of the time that was waited, within the bounds. */
const SHARE = 0.05;
const SHORTEST_MS = 0.05;
const LONGEST_MS = 1;

/** A way to wait during which the thread sleeps; the event loop turns once a nap. */
export function politeWait(): Wait {
  const cell = new Int32Array(new SharedArrayBuffer(4)); // nobody changes it: waits end by time
  let open = 0;
  let since = 0;
  let isScheduled = false; // one chain of naps, also where a wait follows right upon another
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
    since = performance.now(); // of the newest: where waits overlap, there may never be none
    schedule();
    try {
      return await pending;
    } finally {
      open--;
    }
  };
}
