// Ctrl-C: the first makes the work stop and save, the second quits at once.

/**
 * The terminal sends Ctrl-C to the script, and npm sends it again: a signal that comes this soon after the
 * first is the same key stroke.
 */
const SAME_KEYSTROKE_MS = 300;

/**
 * Runs `work` with a signal that the first SIGINT or SIGTERM aborts; `onFirst` gets its name and informs the user.
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  onFirst: (name: NodeJS.Signals) => void,
): Promise<T> {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (name: NodeJS.Signals) => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      firstAt = now;
      onFirst(name);
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
