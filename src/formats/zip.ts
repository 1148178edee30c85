// Zip archives. fflate implements the format and deflate.

import { unzipSync, type ZipOptions, zipSync } from "fflate";
import { checkZipList } from "./zip-list.js";

/** A file of an archive. */
export interface ZipEntry {
  /** With "/" between folders. */
  readonly path: string;
  /** The file's content, not compressed. */
  readonly bytes: Uint8Array;
  /** Whether it is compressed. Not useful for PNG files or weights, which hardly get smaller. */
  readonly compress?: boolean | undefined;
}

/**
 * The bytes of an archive of these files. `undated`: files of the year 1980, the first that the format
 * has, instead of now, so that equal files give equal bytes.
 */
export function writeZip(
  files: readonly ZipEntry[],
  { undated = false }: { readonly undated?: boolean } = {},
): Uint8Array {
  const time = undated ? { mtime: new Date(1980, 0, 1) } : {};
  const entries = files.map(({ path, bytes, compress }): [string, [Uint8Array, ZipOptions]] => [
    path,
    [bytes, { level: compress ? 6 : 0, ...time }],
  ]);
  return zipSync(Object.fromEntries(entries));
}

/**
 * Files of images and weights get a few times smaller, and zeros a thousand times: an archive may unpack to this many
 * bytes, and to this many for each byte of its own.
 */
const MOST_OF_ALL = 2 ** 25;
const MOST_PER_BYTE = 16;

/** What a zip archive may take. */
export interface UnzipOptions {
  /** Which files are unpacked; by default all. */
  isWanted?(path: string): boolean;
  /** What they may unpack to together; by default 32 MiB and 16 times the archive's size. */
  readonly mostBytes?: number | undefined;
}

/**
 * The files of an archive by path. Throws one sentence that names the archive if it is none, if it is damaged, or
 * if its files are larger than allowed, before anything of that size is made.
 */
export function readZip(
  bytes: Uint8Array,
  fileName: string,
  { isWanted = () => true, mostBytes: most = Infinity }: UnzipOptions = {},
): Record<string, Uint8Array> {
  const mostBytes = Math.min(most, MOST_OF_ALL + MOST_PER_BYTE * bytes.length);
  let total = 0;
  try {
    checkZipList(bytes);
    return unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!isWanted(name)) return false;
        total += originalSize;
        // A file that unpacks to more than it says ends there.
        if (total > mostBytes) throw new Error("too large");
        return true;
      },
    });
  } catch (error) {
    if (total > mostBytes) {
      throw new Error(
        `${fileName}: its files of ${bytes.length} bytes unpack to over ${mostBytes}, expected less`,
      );
    }
    throw new Error(
      `${fileName}: it is not a zip file (${error instanceof Error ? error.message : error})`,
    );
  }
}
