// zlib's data (RFC 1950, 1951) by fflate, as many bytes as are wanted and never many more, however a
// stream continues: a few bytes can become a gigabyte that no pixel needs.

import { inflateSync, Inflate as Stream } from "fflate";

/** No byte of deflate gives more: a match of 258 bytes takes two bits. */
export const MOST_PER_BYTE = 1032;
/** A piece gives some 8 MB at most: what is not wanted is soon found to be so. */
const PIECE = 8192;
/** Of so few bytes all that they may hold is inflated at once, in half the time. */
const FEW = 2 ** 18;

/**
 * Fills `out`; gives the number of bytes that there are, larger than `out` has where there are more.
 * Throws where the data is damaged: words that follow a colon.
 */
export function inflateInto(zlib: Uint8Array, out: Uint8Array): number {
  const [method, flags] = zlib;
  if ((method & 15) !== 8 || ((method << 8) | flags) % 31 !== 0 || (flags & 32) !== 0) {
    throw broken("it is no stream of zlib");
  }
  const filled = zlib.length <= FEW ? atOnce(zlib, out) : piecewise(zlib, out);
  // The library does not say where the stream ends: that its checksum occurs somewhere is enough.
  if (filled === out.length && !holds(zlib, checksum(out))) throw broken("its checksum is wrong");
  return filled;
}

function atOnce(zlib: Uint8Array, out: Uint8Array): number {
  let bytes: Uint8Array;
  try {
    // One byte of room tells that there are more; the library drops them, or throws.
    bytes = inflateSync(zlib.subarray(2), { out: new Uint8Array(out.length + 1) });
  } catch {
    return piecewise(zlib, out);
  }
  out.set(bytes.subarray(0, out.length));
  return bytes.length;
}

/** Piece by piece, so that it can end when there is too much. */
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
    // The library's own errors have numbers; what else it throws is in the engine's words.
    const isItsOwn = typeof (error as { code?: unknown }).code === "number";
    throw broken(isItsOwn ? (error as Error).message : "it is no stream of deflate");
  }
}

/** Adler-32 (RFC 1950, section 8.2), its four bytes in order. */
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
