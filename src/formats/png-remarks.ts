// What users should know about a PNG file.

import type { ByteSource } from "./byte-source.js";

const SIGNATURE_BYTES = 8;
/** More chunks than any file has before its pixels. */
const MOST_CHUNKS = 1000;

/**
 * Returns sentences without the file's name. Only the headers of the chunks before the pixels are
 * read.
 */
export async function pngRemarks(source: ByteSource): Promise<string[]> {
  for (let i = 0, at = SIGNATURE_BYTES; i < MOST_CHUNKS; i++) {
    const head = await source.read(at, at + 12);
    if (head.length < 12) return [];
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const type = String.fromCharCode(...head.subarray(4, 8));
    if (type === "IDAT" || type === "IEND") return [];
    const pictures = view.getUint32(8);
    if (type === "acTL" && pictures > 1) {
      return [`it is an animation of ${pictures} pictures (APNG), of which the still one is read`];
    }
    at += 12 + view.getUint32(0);
  }
  return [];
}
