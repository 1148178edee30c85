// LZW as specified for TIFF (TIFF 6.0, section 13), and as written by early programs: bits from the
// low end, and codes that grow one code later.

const CLEAR = 256;
const END = 257;
const FIRST = 258;
const MOST_CODES = 4096;

/**
 * Decodes into `out` until it is full or the data ends; returns the number of bytes written. A code
 * is a part of the earlier output, stored as position and length, so codes cannot form cycles.
 */
export function decodeLzw(data: Uint8Array, out: Uint8Array): number {
  const isOld = data.length >= 2 && data[0] === 0 && (data[1] & 1) === 1;
  const early = isOld ? 0 : 1;
  const places = new Int32Array(MOST_CODES);
  const lengths = new Int32Array(MOST_CODES);
  const end = out.length;
  let written = 0;
  let next = FIRST;
  let width = 9;
  let before = -1; // where the last code's bytes begin; -1 right after a clear
  let beforeLength = 0;
  let bits = 0;
  let filled = 0;
  for (let i = 0; written < end; ) {
    while (filled < width && i < data.length) {
      if (isOld) bits |= data[i++] << filled;
      else bits = ((bits << 8) | data[i++]) & 0xffffff;
      filled += 8;
    }
    if (filled < width) break;
    let code: number;
    if (isOld) {
      code = bits & ((1 << width) - 1);
      bits >>>= width;
      filled -= width;
    } else {
      filled -= width;
      code = (bits >> filled) & ((1 << width) - 1);
    }
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST;
      width = 9;
      before = -1;
      continue;
    }
    const start = written;
    if (code < 256) out[written++] = code;
    else {
      let from: number;
      let length: number;
      if (code < next && code >= FIRST) {
        from = places[code];
        length = lengths[code];
      } else if (code === next && before >= 0) {
        from = before;
        length = beforeLength + 1; // its last byte is its first
      } else throw new Error(`compressed data: the LZW code ${code} is not in its table`);
      const stop = Math.min(end, written + length);
      while (written < stop) out[written++] = out[from++];
    }
    if (before >= 0 && next < MOST_CODES) {
      places[next] = before;
      lengths[next] = beforeLength + 1; // the byte after them is the first of this code
      next++;
      if (next + early >= 1 << width && width < 12) width++;
    }
    before = start;
    beforeLength = written - start;
  }
  return written;
}
