// Grows objects until the borders between them are one pixel wide, so that a score counts splits
// and mergers and not the thickness of membranes (Arganda-Carreras et al. 2015).

/**
 * Grows numbered objects into the area between them by flooding (Vincent and Soille 1991):
 * 4-connected, all objects at the same speed, first in, first out. A pixel that is reached from two
 * objects is border and stays 0, and so does an area enclosed only by borders. `labels`:
 * [height][width], 0 outside objects. Ties are resolved as in the EM challenge of 2012: the first
 * pixels are taken column by column, neighbours in the order left, above, right, below.
 */
export function thinBorders(labels: Int32Array, width: number, height: number): Int32Array {
  const result = labels.slice();
  const queue = new Int32Array(width * height);
  const isQueued = new Uint8Array(width * height);
  let last = 0;
  const add = (pixel: number) => {
    if (labels[pixel] !== 0 || isQueued[pixel]) return;
    isQueued[pixel] = 1;
    queue[last++] = pixel;
  };
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const pixel = y * width + x;
      const touches =
        (x > 0 && labels[pixel - 1] > 0) ||
        (y > 0 && labels[pixel - width] > 0) ||
        (x < width - 1 && labels[pixel + 1] > 0) ||
        (y < height - 1 && labels[pixel + width] > 0);
      if (touches) add(pixel);
    }
  }
  for (let next = 0; next < last; next++) {
    const pixel = queue[next];
    const x = pixel % width;
    const neighbours = [
      x > 0 ? pixel - 1 : -1,
      pixel - width,
      x < width - 1 ? pixel + 1 : -1,
      pixel + width < labels.length ? pixel + width : -1,
    ];
    let found = 0;
    let isBorder = false;
    for (const neighbour of neighbours) {
      const label = neighbour < 0 ? 0 : result[neighbour];
      if (label === 0) continue;
      if (found !== 0 && label !== found) isBorder = true;
      found = label;
    }
    if (!isBorder) result[pixel] = found;
    for (const neighbour of neighbours) if (neighbour >= 0) add(neighbour);
  }
  return result;
}
