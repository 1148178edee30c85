// A file that is read by ranges.

import { open, stat } from "node:fs/promises";
import type { ByteSource } from "../formats/source.js";

/**
 * The bytes of a file, which is opened for each reading: none stays open, however many there are.
 * Throws what the system says; a folder is EISDIR.
 */
export async function fileSource(path: string): Promise<ByteSource> {
  const { size } = await stat(path);
  // Reading a folder is what says that it is one.
  const source = { size, read: (start: number, end: number) => readRange(path, start, end) };
  await source.read(0, 1);
  return source;
}

async function readRange(path: string, start: number, end: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start));
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}
