// PackBits (TIFF 6.0, section 9): runs of equal bytes, and literal bytes.

/** Decodes into `out` until it is full or the data ends; returns the number of bytes written. */
export function decodePackBits(data: Uint8Array, out: Uint8Array): number {
  let written = 0;
  for (let i = 0; i < data.length && written < out.length; ) {
    const head = data[i++];
    if (head < 128) {
      const count = Math.min(head + 1, data.length - i, out.length - written);
      out.set(data.subarray(i, i + count), written);
      i += head + 1;
      written += count;
    } else if (head > 128 && i < data.length) {
      const count = Math.min(257 - head, out.length - written);
      out.fill(data[i++], written, written + count);
      written += count;
    }
  }
  return written;
}
