// Reads label files twice: once to survey all of them, once to get their classes.

import type { RawImage } from "../data/image-types.js";
import type { ImageFile, ImageReader } from "./image-files.js";
import type { Size } from "./outline-labels.js";

/** Files are kept decoded up to this total size in bytes; the others are decoded again. */
const KEPT = 64 * 2 ** 20;

/** Returns the name of a label for errors and remarks: its path, and its page in a stack. */
export function labelName({ image, page }: Omit<ImageFile, "name">): string {
  return page === undefined ? image : `${image}, page ${page + 1}`;
}

/** Reads labels, and keeps the first ones if they are small. */
export function createLabelFiles(read: ImageReader) {
  const kept = new Map<string, RawImage>();
  let bytes = 0;
  return {
    async read(file: Omit<ImageFile, "name">, size?: Size): Promise<RawImage> {
      const name = labelName(file);
      const known = kept.get(name);
      if (known) {
        // It is not read a third time.
        kept.delete(name);
        return known;
      }
      const raw = await read(file, size);
      bytes += raw.data.byteLength;
      if (bytes <= KEPT) kept.set(name, raw);
      return raw;
    },
  };
}
