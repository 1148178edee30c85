// Label files that are read twice: once to look at all of them, once to take their classes.

import type { RawImage } from "../data/image-types.js";
import type { ImageFile, ImageReader } from "./image-files.js";

/** Files are kept decoded up to so many bytes together; the others are decoded a second time. */
const KEPT = 64 * 2 ** 20;

/** What errors and remarks call a label: its path, and its page in a stack. */
export function labelName({ image, page }: Omit<ImageFile, "name">): string {
  return page === undefined ? image : `${image}, page ${page + 1}`;
}

/** Reads labels, and keeps the first ones as long as they are small. */
export function createLabelFiles(read: ImageReader) {
  const kept = new Map<string, RawImage>();
  let bytes = 0;
  return {
    async read(file: Omit<ImageFile, "name">): Promise<RawImage> {
      const name = labelName(file);
      const known = kept.get(name);
      if (known) {
        // Asked for a second time: nobody asks for it a third time.
        kept.delete(name);
        return known;
      }
      const raw = await read(file);
      bytes += raw.data.byteLength;
      if (bytes <= KEPT) kept.set(name, raw);
      return raw;
    },
  };
}
