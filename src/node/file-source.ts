// A file on disk as a source that is read by ranges.

import { type FileHandle, open, stat } from "node:fs/promises";
import type { ByteSource } from "../formats/byte-source.js";

/** The largest number of bytes that Node reads at once. */
const MOST_READ = 2 ** 30;
/** Adjacent ranges are read together. */
const AHEAD = 2 ** 20;
/** A file is closed after this many milliseconds without a read. */
const IDLE = 100;

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** Returns a file as a source. It is open only while it is read. Errors are those of node:fs. */
export async function fileSource(path: string): Promise<ByteSource> {
  const what = await stat(path);
  if (what.isDirectory()) throw Object.assign(new Error("it is a folder"), { code: "EISDIR" });
  const { size } = what;
  const readNow = createFileReader(path);
  let window: Piece = { start: 0, bytes: new Uint8Array(0) };
  await readNow(0, 0); // fails now if the file cannot be opened
  let expected = -1;
  async function read(from: number, to: number): Promise<Uint8Array> {
    const [start, end] = [Math.min(from, size), Math.min(to, size)];
    const isNext = start === expected;
    expected = end;
    const at = start - window.start;
    if (at >= 0 && end - window.start <= window.bytes.length) {
      return window.bytes.subarray(at, at + end - start);
    }
    if (!isNext || end - start >= AHEAD) return readNow(start, end);
    window = { start, bytes: await readNow(start, Math.min(size, start + AHEAD)) };
    return window.bytes.subarray(0, end - start);
  }
  return { size, read };
}

function createFileReader(path: string) {
  let opened: Promise<FileHandle> | undefined;
  let readers = 0;
  let timer: NodeJS.Timeout | undefined;
  function close(): void {
    const handle = opened;
    opened = undefined;
    handle?.then((it) => it.close()).catch(() => undefined);
  }
  /** Returns the bytes from `start` up to `end`; fewer if the file ends before. */
  return async (start: number, end: number): Promise<Uint8Array> => {
    clearTimeout(timer);
    readers++;
    try {
      opened ??= open(path);
      return await fill(await opened, new Uint8Array(Math.max(0, end - start)), start);
    } finally {
      readers--;
      if (readers === 0) timer = setTimeout(close, IDLE).unref();
    }
  };
}

async function fill(handle: FileHandle, bytes: Uint8Array, start: number): Promise<Uint8Array> {
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(bytes.length - done, MOST_READ);
    const { bytesRead } = await handle.read(bytes, done, length, start + done);
    if (bytesRead === 0) return bytes.subarray(0, done);
    done += bytesRead;
  }
  return bytes;
}
