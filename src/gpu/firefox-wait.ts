// Waiting for a GPU in Firefox, which looks only ten times per second whether work is done, unless something
// is submitted: then it looks at once.

/** Waits for a promise of the GPU. */
export type Wait = <T>(pending: Promise<T>) => Promise<T>;

const EVERY_MS = 1;

/** Whether waits are answered late here: in Firefox. In Deno they take 11 ms, but submits do not help. */
export const answersLate = (): boolean => /\bFirefox\//.test(globalThis.navigator?.userAgent ?? "");

/** A way to wait during which empty submits follow each other; none while nothing is awaited. */
export function submitting(queue: Pick<GPUQueue, "submit">): Wait {
  let open = 0;
  let isScheduled = false; // one chain of submits, however many waits are open
  const schedule = () => {
    if (!isScheduled) setTimeout(submit, EVERY_MS);
    isScheduled = true;
  };
  const submit = () => {
    isScheduled = false;
    if (open === 0) return;
    queue.submit([]);
    schedule();
  };
  return async (pending) => {
    open++;
    schedule();
    try {
      return await pending;
    } finally {
      open--;
    }
  };
}
