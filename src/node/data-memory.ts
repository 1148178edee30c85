// How much of this computer's memory images and labels may use.

import { totalmem } from "node:os";

/** The share of all memory, or of the memory available to the process (a container's limit). */
const SHARE = 0.4;

/**
 * Returns the bytes that the images and labels of a data set may use: the rest stays in its files
 * and is read when needed. Two fifths of the memory, or the number of megabytes in
 * MICROGRAPH_DATA_MEMORY. Throws unless that variable is a number from 0.
 */
export function dataMemory(environment = process.env): number {
  const given = environment.MICROGRAPH_DATA_MEMORY;
  if (given === undefined || given === "") {
    // 0, or more than there is, if the process has no limit.
    const limit = process.constrainedMemory() || Number.POSITIVE_INFINITY;
    return SHARE * Math.min(totalmem(), limit);
  }
  const megabytes = Number(given);
  if (megabytes >= 0) return megabytes * 1e6;
  throw new Error(`MICROGRAPH_DATA_MEMORY=${given}: expected a number of megabytes, as in 4000`);
}
