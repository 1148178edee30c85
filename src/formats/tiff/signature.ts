// The signature of TIFF files: a separate module, so that a page can detect the format before it
// loads the decoder.

/** Whether a file begins like a TIFF file: byte order, then 42, or 43 for BigTIFF. */
export function isTiff(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  const little = a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0;
  const big = a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43);
  return little || big;
}
