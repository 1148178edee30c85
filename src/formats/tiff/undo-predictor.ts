// Restores pixels that are stored as differences (TIFF 6.0, section 14; Adobe's technical note 3
// for floats).

/** Swaps the bytes of words in place. */
export function swapBytes(bytes: Uint8Array, size: number): void {
  if (size === 2) {
    const words = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1);
    for (let i = 0; i < words.length; i++) words[i] = (words[i] << 8) | (words[i] >> 8);
  } else if (size === 4) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
    for (let i = 0; i < words.length; i++) {
      const w = words[i];
      words[i] = (w << 24) | ((w << 8) & 0xff0000) | ((w >>> 8) & 0xff00) | (w >>> 24);
    }
  } else {
    for (let i = 0; i + size <= bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  }
}

/**
 * Sums up differences along rows of `rowWords` words, in place; the left neighbour is `step` words
 * away.
 */
export function sumRows(
  words: Uint8Array | Uint16Array | Uint32Array | BigUint64Array,
  rowWords: number,
  step: number,
): void {
  if (words instanceof BigUint64Array) {
    for (let row = 0; row < words.length; row += rowWords) {
      for (let i = row + step; i < row + rowWords; i++) words[i] += words[i - step];
    }
    return;
  }
  for (let row = 0; row < words.length; row += rowWords) {
    const end = row + rowWords;
    for (let i = row + step; i < end; i++) words[i] += words[i - step];
  }
}

/**
 * Undoes the predictor of floats, in place: rows of bytes, the highest byte of all floats first, as
 * differences. The result is little-endian.
 */
export function sumFloatRows(
  bytes: Uint8Array,
  rowBytes: number,
  size: number,
  step: number,
): void {
  const count = rowBytes / size;
  const row = new Uint8Array(rowBytes);
  for (let start = 0; start < bytes.length; start += rowBytes) {
    for (let i = start + step; i < start + rowBytes; i++) bytes[i] += bytes[i - step];
    row.set(bytes.subarray(start, start + rowBytes));
    for (let byte = 0; byte < size; byte++) {
      let at = start + size - 1 - byte;
      for (let i = byte * count; i < (byte + 1) * count; i++, at += size) bytes[at] = row[i];
    }
  }
}
