// Inflates zlib data (RFC 1950, 1951) with fflate: as many bytes as wanted and never many more,
// however a stream continues, since a few bytes can become a gigabyte that no pixel needs.

import { inflateSync, Inflate as Stream } from "fflate";

/**
 * The largest number of bytes that one byte of deflate can become: a match of 258 bytes takes two
 * bits.
 */
export const MOST_PER_BYTE = 1032;
/** A piece becomes at most about 8 MB, so that excess is detected early. */
const PIECE = 8192;
/** Up to this size everything is inflated at once, in half the time. */
const FEW = 2 ** 18;

/**
 * Fills `out` and returns the number of bytes, which is larger than `out` if there are more. Throws
 * if the data is damaged, with words that follow a colon.
 */
export function inflateInto(zlib: Uint8Array, out: Uint8Array): number {
  const [method, flags] = zlib;
  if ((method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0 || (flags & 32) !== 0) {
    throw broken("it is not a zlib stream");
  }
  const filled = zlib.length <= FEW ? atOnce(zlib, out) : piecewise(zlib, out);
  // The library does not report where the stream ends, so it is enough that the checksum occurs
  // somewhere.
  if (filled === out.length && !holds(zlib, checksum(out))) throw broken("its checksum is wrong");
  return filled;
}

function atOnce(zlib: Uint8Array, out: Uint8Array): number {
  let bytes: Uint8Array;
  try {
    // One more byte of space detects excess; the library drops it, or throws.
    bytes = inflateSync(zlib.subarray(2), { out: new Uint8Array(out.length + 1) });
  } catch {
    return piecewise(zlib, out);
  }
  out.set(bytes.subarray(0, out.length));
  return bytes.length;
}

/** Inflates piece by piece, and stops when there is too much. */
function piecewise(zlib: Uint8Array, out: Uint8Array): number {
  let filled = 0;
  const stream = new Stream((piece) => {
    const kept = piece.subarray(0, Math.max(0, out.length - filled));
    out.set(kept, Math.min(filled, out.length));
    filled += piece.length;
  });
  for (let at = 2; at < zlib.length && filled <= out.length; at += PIECE) {
    push(stream, zlib.subarray(at, at + PIECE));
  }
  return filled;
}

const broken = (what: string) => new Error(`compressed data: ${what}`);

function push(stream: Stream, piece: Uint8Array): void {
  try {
    stream.push(piece);
  } catch (error) {
    // The library's own errors have numbers; others are messages of the JavaScript engine.
    const isItsOwn = typeof (error as { code?: unknown }).code === "number";
    throw broken(isItsOwn ? (error as Error).message : "it is not a deflate stream");
  }
}

/** Returns the four bytes of Adler-32 (RFC 1950, section 8.2), in order. */
function checksum(bytes: Uint8Array): readonly number[] {
  let [a, b] = [1, 0];
  for (let start = 0; start < bytes.length; start += 3800) {
    const end = Math.min(start + 3800, bytes.length);
    // This many sums stay below 2^32.
    for (let i = start; i < end; i++) b += a += bytes[i];
    a %= 65521;
    b %= 65521;
  }
  return [b >> 8, b & 255, a >> 8, a & 255];
}

function holds(bytes: Uint8Array, [first, second, third, fourth]: readonly number[]): boolean {
  for (let at = bytes.indexOf(first, 2); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (bytes[at + 1] === second && bytes[at + 2] === third && bytes[at + 3] === fourth)
      return true;
  }
  return false;
}
