// Keeps two tiles in flight on the GPU: the next one is submitted before the last has answered.
// Deno and some browsers answer ten milliseconds after the work is done, during which the GPU would
// be idle.

/**
 * Starts the work on each item, at most two at a time, and calls `end` with the results in order.
 * Waits for `end` before it starts another. Rejects with the first error, including those of `end`,
 * once nothing is in flight.
 */
export async function twoInFlight<T, R>(
  items: readonly T[],
  start: (item: T, index: number) => Promise<R>,
  end: (result: R, item: T, index: number) => unknown,
): Promise<void> {
  let last: Promise<R> | undefined;
  try {
    for (let i = 0; i <= items.length; i++) {
      const before = last;
      last = i < items.length ? start(items[i], i) : undefined;
      last?.catch(() => {}); // the error is reported when its turn comes
      if (before) await end(await before, items[i - 1], i - 1);
    }
  } finally {
    await last?.catch(() => {});
  }
}
