// The bytes of a PNG file's rows: what its zlib stream holds (RFC 1950, 1951), as many as the header
// says and never more, whatever the stream goes on with.

import { inflateSync, Inflate as Stream } from "fflate";
import type { Inflate } from "./decode.js";

/** No byte of deflate gives more: a match of 258 bytes takes two bits. */
const MOST_PER_BYTE = 1032;
/** A piece gives some 8 MB at most: what is not wanted is soon found to be so. */
const PIECE = 8192;
/** Of so few bytes all that they may hold is inflated at once, in half the time. */
const FEW = 2 ** 18;
/** Pixels nearly all alike, in bytes and times their compressed size: a bomb more often than an image. */
const MOST_ALIKE = 300e6;
const ALIKE = 400;

/**
 * The `expected` bytes, and the first of more: rows that the header does not count. `fast` is asked
 * first. Throws where there is less, and where the checksum of what is there is missing.
 */
export function inflateRows(zlib: Uint8Array, expected: number, fast?: Inflate): Uint8Array {
  const [method, flags] = zlib;
  if ((method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0 || (flags & 32) !== 0) {
    throw damaged("its pixels are no stream of zlib");
  }
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
  return zlib.length <= FEW ? atOnce(zlib, expected) : piecewise(zlib, expected);
}

/** Piece by piece, so that it can end when there is too much. */
function piecewise(zlib: Uint8Array, expected: number): Uint8Array {
  const rows = new Uint8Array(expected);
  let filled = 0;
  const stream = new Stream((piece) => {
    rows.set(piece.subarray(0, Math.max(0, expected - filled)), Math.min(filled, expected));
    filled += piece.length;
  });
  for (let at = 2; at < zlib.length && filled <= expected; at += PIECE) {
    push(stream, zlib.subarray(at, at + PIECE));
  }
  if (filled < expected) throw tooFew(filled, expected);
  return checked(zlib, rows, filled);
}

function atOnce(zlib: Uint8Array, expected: number): Uint8Array {
  let bytes: Uint8Array;
  try {
    // One byte of room tells that there are more; the library drops them, or throws.
    bytes = inflateSync(zlib.subarray(2), { out: new Uint8Array(expected + 1) });
  } catch {
    return piecewise(zlib, expected);
  }
  if (bytes.length < expected) throw tooFew(bytes.length, expected);
  return checked(zlib, bytes.subarray(0, expected), bytes.length);
}

/** The rows; of `filled` bytes there were as many as they have, or more. */
function checked(zlib: Uint8Array, rows: Uint8Array, filled: number): Uint8Array {
  // Where the stream ends the library does not say: that its checksum stands somewhere is enough.
  if (filled === rows.length && !holds(zlib, checksum(rows)))
    throw damaged("checksum of its pixels");
  return rows;
}

function push(stream: Stream, piece: Uint8Array): void {
  try {
    stream.push(piece);
  } catch (error) {
    // The library's own errors have numbers; what else it throws is in the engine's words.
    const isItsOwn = typeof (error as { code?: unknown }).code === "number";
    throw damaged(isItsOwn ? (error as Error).message : "its pixels are no stream of deflate");
  }
}

/** Adler's (RFC 1950, section 8.2), its four bytes in order. */
function checksum(bytes: Uint8Array): readonly number[] {
  let [a, b] = [1, 0];
  for (let start = 0; start < bytes.length; start += 3800) {
    const end = Math.min(start + 3800, bytes.length);
    // So many sums stay below 2^32.
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

function tooFew(got: number, expected: number): Error {
  return damaged(`${got} bytes of pixels, expected ${expected}`);
}

function damaged(what: string): Error {
  return new Error(`it is a damaged PNG image (${what})`);
}
