// Exact Euclidean distance to the nearest pixel outside, in linear time (Meijster, Roerdink, Hesselink
// 2000).

/**
 * For each pixel of `inside`, [height][width], the distance in pixels to the nearest pixel that is 0; for
 * those it is 0. The area past the edges does not count as outside; if no pixel is 0, every distance is
 * width + height.
 */
export function outsideDistance(inside: Uint8Array, width: number, height: number): Float32Array {
  const gaps = columnGaps(inside, width, height);
  const distances = new Float32Array(width * height);
  const row = rowSearch(width);
  for (let y = 0; y < height; y++) row(gaps, distances, y * width);
  return distances;
}

/** The distance to the nearest pixel outside in the same column; width + height if there is none. */
function columnGaps(inside: Uint8Array, width: number, height: number): Int32Array {
  const most = width + height;
  const gaps = new Int32Array(width * height);
  for (let x = 0; x < width; x++) {
    let gap = most;
    for (let pixel = x; pixel < gaps.length; pixel += width) {
      gap = inside[pixel] === 0 ? 0 : Math.min(most, gap + 1);
      gaps[pixel] = gap;
    }
    for (let pixel = gaps.length - width + x; pixel >= 0; pixel -= width) {
      gap = Math.min(gaps[pixel], gap + 1);
      gaps[pixel] = gap;
    }
  }
  return gaps;
}

/** Finds the distances of a row: the lower envelope of a parabola for each column. */
function rowSearch(width: number) {
  /** Columns of the envelope's parabolas, and the x from which each is the lowest. */
  const column = new Int32Array(width);
  const begin = new Int32Array(width);
  return (gaps: Int32Array, distances: Float32Array, row: number) => {
    const square = (x: number, from: number) => (x - from) ** 2 + gaps[row + from] ** 2;
    let last = 0;
    column[0] = 0;
    begin[0] = 0;
    for (let x = 1; x < width; x++) {
      while (last >= 0 && square(begin[last], column[last]) > square(begin[last], x)) last--;
      if (last < 0) {
        last = 0;
        column[0] = x;
        continue;
      }
      const from = column[last];
      const difference = x * x - from * from + gaps[row + x] ** 2 - gaps[row + from] ** 2;
      const start = 1 + Math.floor(difference / (2 * (x - from)));
      if (start >= width) continue;
      last++;
      column[last] = x;
      begin[last] = start;
    }
    for (let x = width - 1; x >= 0; x--) {
      distances[row + x] = Math.sqrt(square(x, column[last]));
      if (x === begin[last]) last--;
    }
  };
}
