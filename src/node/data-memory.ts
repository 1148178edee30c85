// How much of this computer's memory images and labels may take.

import { totalmem } from "node:os";

/** Of all memory, or of what the process may have of it (a container's limit). */
const SHARE = 0.4;

/**
 * Bytes that the images and labels of a data set may take: what is above stays in its files and is
 * read when its turn comes. Two fifths of the memory; MICROGRAPH_DATA_MEMORY names another number, in
 * megabytes. Errors: a variable that is no number from 0.
 */
export function dataMemory(environment = process.env): number {
  const given = environment.MICROGRAPH_DATA_MEMORY;
  if (given === undefined || given === "") {
    // 0, or more than there is, where nothing limits the process.
    const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
    return SHARE * Math.min(totalmem(), limit);
  }
  const megabytes = Number(given);
  if (megabytes >= 0) return megabytes * 1e6;
  throw new Error(`MICROGRAPH_DATA_MEMORY=${given}: expected a number of megabytes, as in 4000`);
}
