// The bytes of a PNG file's rows: what its zlib stream holds (RFC 1950, 1951), as many as the header
// says and never more, however the stream continues.

import { inflateInto, MOST_PER_BYTE } from "../zlib/inflate.js";

/**
 * All that a stream of zlib holds, where it is whole, its checksum right, and it gives `expected`
 * bytes; throws, or gives another number of bytes, for everything else.
 */
export type Inflate = (zlib: Uint8Array, expected: number) => Uint8Array;

/** Pixels nearly all alike, in bytes and times their compressed size: a bomb more often than an image. */
const MOST_ALIKE = 300e6;
const ALIKE = 400;

/**
 * The `expected` bytes; rows that the header does not count are left out. `fast` is asked first. Throws
 * where there are fewer, and where their checksum is missing.
 */
export function inflateRows(zlib: Uint8Array, expected: number, fast?: Inflate): Uint8Array {
  if (zlib.length * MOST_PER_BYTE < expected) {
    throw damaged(`${zlib.length} compressed bytes of pixels, too few for ${expected}`);
  }
  if (expected > MOST_ALIKE && zlib.length * ALIKE < expected) {
    throw new Error(
      `its ${zlib.length} compressed bytes hold ${expected} of pixels, nearly all alike, ` +
        `expected at most ${MOST_ALIKE} of such: save it smaller`,
    );
  }
  try {
    const whole = fast?.(zlib, expected);
    if (whole?.length === expected) return whole;
  } catch {
    // What is odd is read below, alike everywhere.
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
