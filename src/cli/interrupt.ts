// Ctrl-C: the first asks the work to stop and save, the second quits at once.

/**
 * npm passes a Ctrl-C on to a script that the terminal has already told: what comes this soon after
 * the first is the same key stroke.
 */
const SAME_KEYSTROKE_MS = 300;

/** Runs `work` with a signal that the first SIGINT or SIGTERM aborts; `onFirst` tells the person. */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onFirst: () => void,
): Promise<T> {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = () => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      firstAt = now;
      onFirst();
      controller.abort();
    } else if (now - firstAt > SAME_KEYSTROKE_MS) {
      process.exit(130);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  }
}
