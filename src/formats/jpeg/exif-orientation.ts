// The orientation of a photograph (EXIF 2.3, tag 274 of the first directory). As in browsers,
// images are read upright.

/** Returns the orientation in an APP1 segment, 1 to 8; undefined if there is none. */
export function exifOrientation(segment: Uint8Array): number | undefined {
  if (String.fromCharCode(...segment.subarray(0, 6)) !== "Exif\0\0") return undefined;
  const tiff = segment.subarray(6);
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength);
  const little = tiff[0] === 0x49;
  if (tiff.length < 8 || view.getUint16(2, little) !== 42) return undefined;
  const start = view.getUint32(4, little);
  if (start + 2 > tiff.length) return undefined;
  for (let i = 0; i < view.getUint16(start, little); i++) {
    const at = start + 2 + 12 * i;
    if (at + 12 > tiff.length) return undefined;
    // The tag, with one 16-bit number.
    if (view.getUint16(at, little) !== 274 || view.getUint16(at + 2, little) !== 3) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/**
 * The size of an upright image, and where each stored pixel goes: `start` + x * `dx` + y * `dy`.
 */
export interface Turned {
  readonly width: number;
  readonly height: number;
  readonly start: number;
  readonly dx: number;
  readonly dy: number;
}

/** 2 to 4 mirror and rotate by 180 degrees, 5 to 8 swap rows and columns. */
export function turned(width: number, height: number, orientation: number): Turned {
  const swaps = orientation >= 5;
  const shown = swaps ? { width: height, height: width } : { width, height };
  // Whether the stored left column is on the right, or at the bottom; and the same for the first
  // row.
  const flipsX = [2, 3, 7, 8].includes(orientation);
  const flipsY = [3, 4, 6, 7].includes(orientation);
  const [stepX, stepY] = swaps ? [shown.width, 1] : [1, shown.width];
  return {
    ...shown,
    start: (flipsX ? (width - 1) * stepX : 0) + (flipsY ? (height - 1) * stepY : 0),
    dx: flipsX ? -stepX : stepX,
    dy: flipsY ? -stepY : stepY,
  };
}
