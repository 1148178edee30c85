// Outlines of the objects of a label or a prediction.

/**
 * Returns 1 for the pixels of objects (values other than 0 and `ignored`) that touch another value
 * above, below, left or right, else 0: an outline one pixel wide, inside its object. The image's
 * border does not count. `data`: [height][width], classes or component numbers.
 */
export function outlines(
  data: Uint8Array | Int32Array,
  width: number,
  height: number,
  ignored?: number,
): Uint8Array {
  const result = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = y * width + x;
      const value = data[pixel];
      if (value === 0 || value === ignored) continue;
      const touches =
        (x > 0 && data[pixel - 1] !== value) ||
        (x < width - 1 && data[pixel + 1] !== value) ||
        (y > 0 && data[pixel - width] !== value) ||
        (y < height - 1 && data[pixel + width] !== value);
      result[pixel] = Number(touches);
    }
  }
  return result;
}
