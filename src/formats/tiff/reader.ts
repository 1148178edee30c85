// Reads numbers of a TIFF file by ranges, so that it need not be in memory as a whole.

import type { ByteSource } from "../byte-source.js";

/** Reads small pieces (directories, tags) through a cache, and large ones directly. */
export interface Reader {
  /** Bytes of the file. */
  readonly size: number;
  readonly little: boolean;
  /** Whether offsets have 64 bits. */
  readonly big: boolean;
  /** Returns exactly these bytes, which must not be changed. Throws if the file ends before. */
  read(at: number, length: number): Promise<Uint8Array>;
  view(at: number, length: number): Promise<DataView>;
}

const CHUNK = 8192;
const MOST_CHUNKS = 256;

export function createReader(source: ByteSource, little: boolean, big: boolean): Reader {
  const chunks = new Map<number, Uint8Array>();
  const check = (at: number, length: number) => {
    if (at + length > source.size) throw new Error(endsEarly(source.size, at + length));
  };
  async function chunk(index: number): Promise<Uint8Array> {
    const kept = chunks.get(index);
    if (kept) return kept;
    const bytes = await exactly(source, index * CHUNK, (index + 1) * CHUNK);
    if (chunks.size >= MOST_CHUNKS) chunks.clear();
    chunks.set(index, bytes);
    return bytes;
  }
  async function read(at: number, length: number): Promise<Uint8Array> {
    check(at, length);
    const first = Math.floor(at / CHUNK);
    if (length > CHUNK) return exactly(source, at, at + length);
    const start = at - first * CHUNK;
    const bytes = await chunk(first);
    if (start + length <= CHUNK) return bytes.subarray(start, start + length);
    const joined = new Uint8Array(length);
    joined.set(bytes.subarray(start));
    joined.set((await chunk(first + 1)).subarray(0, length - (CHUNK - start)), CHUNK - start);
    return joined;
  }
  const view = async (at: number, length: number) => {
    const bytes = await read(at, length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  };
  return { size: source.size, little, big, read, view };
}

export const endsEarly = (size: number, end: number) =>
  `it ends early, after ${size} bytes of at least ${end}`;

/** Returns the bytes up to `end`, or to the end of the file. Throws if the source returns fewer. */
async function exactly(source: ByteSource, start: number, end: number): Promise<Uint8Array> {
  const most = Math.min(end, source.size);
  const bytes = await source.read(start, most);
  if (bytes.length < most - start) throw new Error(endsEarly(start + bytes.length, most));
  return bytes;
}
