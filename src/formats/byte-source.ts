// Sources of bytes that are read by ranges, so that a file need not be in memory as a whole.

/** A file, a Blob or an array. */
export interface ByteSource {
  /** In bytes. */
  readonly size: number;
  /**
   * Returns the bytes from `start` up to `end`, or to the end of the source if that comes first.
   */
  read(start: number, end: number): Promise<Uint8Array>;
}

/** A source of bytes in memory; reads return views of them. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return { size: bytes.length, read: async (start, end) => bytes.subarray(start, end) };
}

/** A source for a `File` or a `Blob`. */
export function blobSource(blob: Blob): ByteSource {
  return {
    size: blob.size,
    read: async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()),
  };
}
