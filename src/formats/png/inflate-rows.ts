// Inflates the rows of a PNG file from its zlib stream (RFC 1950, 1951): as many bytes as the
// header says and never more, however the stream continues.

import { inflateInto, MOST_PER_BYTE } from "../zlib/inflate.js";

/**
 * Returns the contents of a zlib stream if it is complete, its checksum is right and it has
 * `expected` bytes; otherwise throws or returns another number of bytes.
 */
export type Inflate = (zlib: Uint8Array, expected: number) => Uint8Array;

/** The largest image of nearly equal pixels, in bytes: larger ones are more often zip bombs. */
const MOST_ALIKE = 300e6;
const ALIKE = 400;

/**
 * Returns the `expected` bytes; rows beyond those of the header are left out. `fast` is tried
 * first. Throws if there are fewer, or if their checksum is missing.
 */
export function inflateRows(zlib: Uint8Array, expected: number, fast?: Inflate): Uint8Array {
  if (zlib.length * MOST_PER_BYTE < expected) {
    throw damaged(`${zlib.length} compressed bytes of pixels, too few for ${expected}`);
  }
  if (expected > MOST_ALIKE && zlib.length * ALIKE < expected) {
    throw new Error(
      `its ${zlib.length} compressed bytes hold ${expected} of pixels, nearly all equal, ` +
        `expected at most ${MOST_ALIKE} of these: save it smaller`,
    );
  }
  try {
    const whole = fast?.(zlib, expected);
    if (whole?.length === expected) return whole;
  } catch {
    // Anything unusual is read below, in the same way everywhere.
  }
  const rows = new Uint8Array(expected);
  const filled = inflated(zlib, rows);
  if (filled < expected) throw damaged(`${filled} bytes of pixels, expected ${expected}`);
  return rows;
}

function inflated(zlib: Uint8Array, rows: Uint8Array): number {
  try {
    return inflateInto(zlib, rows);
  } catch (error) {
    throw damaged((error as Error).message);
  }
}

function damaged(what: string): Error {
  return new Error(`it is a damaged PNG image (${what})`);
}
