// PNG chunks with right checksums, so that what is damaged in them is read.

import { chunk } from "../formats/png/png-fixture.js";

/** Returns the chunks of a damaged file, as far as recognisable, with correct checksums. */
export function repaired(bytes: Uint8Array): Uint8Array {
  const file = Buffer.from(bytes);
  const parts: Uint8Array[] = [file.subarray(0, 8)];
  let at = 8;
  while (at + 12 <= file.length) {
    const end = at + 8 + file.readUInt32BE(at);
    if (end + 4 > file.length) break;
    parts.push(chunk(file.toString("latin1", at + 4, at + 8), file.subarray(at + 8, end)));
    at = end + 4;
  }
  return Uint8Array.from(Buffer.concat([...parts, file.subarray(at)]));
}
