// Errors of memory that say what fits.

import { MemoryError } from "./errors.js";
import type { Search } from "./fitting.js";

/** Returns the error with what would fit instead; the same error if it is not of memory, or nothing fits. */
export async function withProposals(error: unknown, search: Search): Promise<unknown> {
  if (!(error instanceof MemoryError)) return error;
  const { isForeseen, message } = error;
  const { proposalsFor } = await import("./fitting.js");
  const { proposals, words } = await proposalsFor(isForeseen, search);
  return proposals.length > 0 ? new MemoryError(message + words, { isForeseen, proposals }) : error;
}
