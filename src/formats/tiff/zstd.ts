// Decodes ZSTD (RFC 8878) with fzstd, which decodes a stream to its end and allocates the window
// that the stream requests: here block by block, and with a window no larger than the pixels.

import { Decompress, decompress } from "fzstd";

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/**
 * Writers that do not know the size use no larger windows; a larger one is decoded block by block.
 */
const MOST_WINDOW = 2 ** 24;
/** The largest block in bytes. */
const MOST_BLOCK = 131072;

interface Head {
  readonly length: number;
  /** Bytes of the content, if given. */
  readonly content: number | undefined;
  /** The largest distance in bytes; the position of its byte in the header. */
  readonly window: number;
  readonly windowAt: number | undefined;
  readonly hasChecksum: boolean;
}

class ZstdError extends Error {}

const broken = (what: string) => new ZstdError(`compressed data: ${what}`);

/**
 * Decodes a frame into `out` until it is full or the data ends; returns the number of bytes
 * written. Throws if the data is damaged.
 */
export function decodeZstd(data: Uint8Array, out: Uint8Array): number {
  try {
    return decodeFrame(data, out);
  } catch (error) {
    if (error instanceof ZstdError) throw error;
    // The library's own errors have numbers; others are messages of the JavaScript engine.
    const isItsOwn = typeof (error as { code?: unknown }).code === "number";
    throw broken(isItsOwn ? (error as Error).message : "it is not a ZSTD stream");
  }
}

function decodeFrame(data: Uint8Array, out: Uint8Array): number {
  const head = headOf(data);
  const ends = endsOfBlocks(data, head);
  if (head.content !== undefined) {
    if (head.content > 2 * out.length + MOST_BLOCK) throw broken("more bytes than its pixels have");
    const all = decompress(data.subarray(0, ends.at(-1)));
    out.set(all.subarray(0, out.length));
    return Math.min(all.length, out.length);
  }
  if (head.window > MOST_WINDOW) throw broken(`a window of ${head.window} bytes`);
  let written = 0;
  const stream = new Decompress((piece) => {
    const kept = piece.subarray(0, out.length - written);
    out.set(kept, written);
    written += kept.length;
  });
  const source = withWindow(data, head, out.length);
  let from = 0;
  for (let i = 0; i < ends.length && written < out.length; i++) {
    stream.push(source.subarray(from, ends[i]), i === ends.length - 1);
    from = ends[i];
  }
  return written;
}

/**
 * Returns the data with a window as large as the wanted bytes, since no distance can exceed the
 * output.
 */
function withWindow(data: Uint8Array, { window, windowAt }: Head, wanted: number): Uint8Array {
  let exponent = 17;
  while (2 ** exponent < wanted) exponent++;
  if (windowAt === undefined || 2 ** exponent >= window) return data;
  const copy = new Uint8Array(data);
  copy[windowAt] = (exponent - 10) << 3;
  return copy;
}

/** Parses the frame's header (section 3.1.1.1). */
function headOf(data: Uint8Array): Head {
  if (!MAGIC.every((value, i) => data[i] === value))
    throw broken("it does not begin like a ZSTD stream");
  const flags = data[4] ?? 0;
  const isSingle = (flags >> 5) & 1;
  const at = 6 - isSingle + [0, 1, 2, 4][flags & 3];
  const size = flags >> 6 ? 2 ** (flags >> 6) : isSingle;
  let content = flags >> 6 === 1 ? 256 : 0;
  for (let i = 0; i < size; i++) content += (data[at + i] ?? 0) * 256 ** i;
  const base = 2 ** (10 + ((data[5] ?? 0) >> 3));
  return {
    length: at + size,
    content: size > 0 ? content : undefined,
    window: isSingle ? content : base + (base / 8) * ((data[5] ?? 0) & 7),
    windowAt: isSingle ? undefined : 5,
    hasChecksum: (flags & 4) !== 0,
  };
}

/** Returns where each block ends (section 3.1.1.2); the last one includes its checksum. */
function endsOfBlocks(data: Uint8Array, { length, hasChecksum }: Head): number[] {
  const ends: number[] = [];
  for (let at = length; at + 3 <= data.length; ) {
    const word = data[at] | (data[at + 1] << 8) | (data[at + 2] << 16);
    const isRun = ((word >> 1) & 3) === 1;
    if (word >> 3 > MOST_BLOCK) throw broken("a block is too long");
    at += 3 + (isRun ? 1 : word >> 3);
    if (at > data.length) break;
    const isLast = (word & 1) === 1;
    ends.push(isLast && hasChecksum ? Math.min(at + 4, data.length) : at);
    if (isLast) return ends;
  }
  throw broken("it ends early");
}
