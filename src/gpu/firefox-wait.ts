// Waiting for a GPU in Firefox, which checks only ten times per second whether work is done, except
// right after a submit.

/** Waits for a promise of the GPU. */
export type Wait = <T>(pending: Promise<T>) => Promise<T>;

const EVERY_MS = 1;

/**
 * Whether the GPU's answers arrive late, as in Firefox. In Deno waiting takes 11 ms, but submits do
 * not help.
 */
export const answersLate = (): boolean => /\bFirefox\//.test(globalThis.navigator?.userAgent ?? "");

/** Returns a way to wait that submits empty command lists as long as anything is awaited. */
export function submitting(queue: Pick<GPUQueue, "submit">): Wait {
  let open = 0;
  let isScheduled = false; // one chain of submits for all open waits
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
