// Zip archives. fflate implements the format and deflate.

import { unzipSync, type ZipOptions, zipSync } from "fflate";

/** A file of an archive. */
export interface ZipEntry {
  /** With "/" between folders. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Whether it is compressed. Not useful for PNG files or weights, which hardly get smaller. */
  readonly compress?: boolean | undefined;
}

/** Returns the bytes of an archive of these files. */
export function writeZip(files: readonly ZipEntry[]): Uint8Array {
  const entries = files.map(({ path, bytes, compress }): [string, [Uint8Array, ZipOptions]] => [
    path,
    [bytes, { level: compress ? 6 : 0 }],
  ]);
  return zipSync(Object.fromEntries(entries));
}

/**
 * Returns the files of an archive by path. Throws one sentence that names the archive if it is not
 * a zip file.
 */
export function readZip(bytes: Uint8Array, fileName: string): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes);
  } catch (error) {
    throw new Error(
      `${fileName}: it is not a zip file (${error instanceof Error ? error.message : error})`,
    );
  }
}
