// Work that a scheduler may stop: it ends in time, with an exit code that says whether to start it again.

import { CodedError, exitCodeOf, TEMPORARY } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import type { Context } from "../services.js";

/** Schedulers kill 30 seconds after they ask: a call of the GPU that does not return by then is given up. */
const GRACE_MS = 20_000;

/**
 * Runs `work`; SIGTERM and SIGINT abort its signal. Errors get an exit code: 130 after SIGINT, 75 after SIGTERM and if
 * they may pass, else 1.
 */
export async function stoppable(
  work: (signal: AbortSignal) => Promise<number>,
  { stderr }: Context,
): Promise<number> {
  let by: NodeJS.Signals | undefined;
  try {
    return await interruptible(work, (name) => {
      by = name;
      stderr.write(`${name}: stopping; what is written stays, and the same command goes on\n`);
      setTimeout(() => process.exit(name === "SIGINT" ? 130 : TEMPORARY), GRACE_MS).unref();
    });
  } catch (error) {
    const code = by === "SIGINT" ? 130 : by ? TEMPORARY : exitCodeOf(error);
    const message = by ? `stopped by ${by}` : (error as Error).message;
    throw new CodedError(message, code, { cause: error });
  }
}
