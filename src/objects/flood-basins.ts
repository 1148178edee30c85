// Watershed by flooding from the peaks down (Vincent and Soille 1991): every peak has a basin. Which of them are one
// object depends on how deep a neck must be, and is quickly computed for one depth after another.

/** The basins of a landscape, and where they meet. */
export interface Basins {
  /** [height][width]: the basin of each pixel, numbered from 1 by their first pixels; 0 outside. */
  readonly labels: Int32Array;
  /** Number of basins. */
  readonly count: number;
  /** [count + 1]: the height of each peak. */
  readonly peaks: Int32Array;
  /** Three numbers for each two basins that meet: both basins, and the height of their saddle; the highest first. */
  readonly saddles: readonly number[];
}

/**
 * The basins of a landscape, [height][width], whole numbers; 0 is outside. From the highest pixel down, each
 * joins the basin of its highest 4-neighbour that has one, or starts a new basin. Pixels of equal height are
 * visited row by row, so the result is always the same. O(pixels + highest).
 */
export function floodBasins(heights: Int32Array, width: number, height: number): Basins {
  const basins = new Int32Array(width * height);
  const peaks: number[] = [0];
  const saddles: number[] = [];
  const met = new Set<number>();
  const neighbours = new Int32Array(4);
  for (const pixel of fromHighest(heights)) {
    const level = heights[pixel];
    let count = 0;
    const x = pixel % width;
    if (pixel >= width) neighbours[count++] = pixel - width;
    if (x > 0) neighbours[count++] = pixel - 1;
    if (x < width - 1) neighbours[count++] = pixel + 1;
    if (pixel + width < basins.length) neighbours[count++] = pixel + width;
    let best = -1;
    for (let i = 0; i < count; i++) {
      const own = basins[neighbours[i]];
      if (own === 0) continue;
      if (best < 0 || heights[neighbours[i]] > heights[best]) best = neighbours[i];
      for (let j = 0; j < i; j++) {
        const other = basins[neighbours[j]];
        if (other === 0 || other === own) continue;
        // Where two meet again, the saddle is lower: what did not join them at the first does not here.
        const both = Math.min(own, other) * 2 ** 26 + Math.max(own, other);
        if (met.has(both)) continue;
        met.add(both);
        saddles.push(other, own, level);
      }
    }
    if (best < 0) peaks.push(level);
    basins[pixel] = best < 0 ? peaks.length - 1 : basins[best];
  }
  return byFirstPixels({ labels: basins, peaks, saddles });
}

/**
 * [count + 1]: the basin that each has joined, the smallest number of those that are one object; [0] is 0. Two basins
 * that meet become one if the lower of their peaks is at most `depth` above the saddle.
 */
export function joinBasins({ count, peaks, saddles }: Basins, depth: number): Int32Array {
  const parents = Int32Array.from({ length: count + 1 }, (_, basin) => basin);
  const highest = peaks.slice();
  const rootOf = (basin: number) => {
    let root = basin;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  for (let i = 0; i < saddles.length; i += 3) {
    const [a, b] = [rootOf(saddles[i]), rootOf(saddles[i + 1])];
    if (a === b || Math.min(highest[a], highest[b]) - saddles[i + 2] > depth) continue;
    const [kept, gone] = a < b ? [a, b] : [b, a];
    parents[gone] = kept;
    highest[kept] = Math.max(highest[kept], highest[gone]);
  }
  return parents.map((_, basin) => rootOf(basin));
}

/** The pixels above 0 by falling height, then row by row: a counting sort. */
function fromHighest(heights: Int32Array): Int32Array {
  let highest = 0;
  for (const height of heights) if (height > highest) highest = height;
  const starts = new Int32Array(highest + 2);
  for (const height of heights) if (height > 0) starts[highest - height + 1]++;
  for (let i = 1; i < starts.length; i++) starts[i] += starts[i - 1];
  const order = new Int32Array(starts[highest]);
  for (let pixel = 0; pixel < heights.length; pixel++) {
    if (heights[pixel] > 0) order[starts[highest - heights[pixel]]++] = pixel;
  }
  return order;
}

interface Flooded {
  readonly labels: Int32Array;
  readonly peaks: readonly number[];
  readonly saddles: number[];
}

/** Numbers the basins in the order of their first pixels. */
function byFirstPixels({ labels, peaks, saddles }: Flooded): Basins {
  const numbers = new Int32Array(peaks.length);
  let count = 0;
  for (let pixel = 0; pixel < labels.length; pixel++) {
    const basin = labels[pixel];
    if (basin === 0) continue;
    if (numbers[basin] === 0) numbers[basin] = ++count;
    labels[pixel] = numbers[basin];
  }
  const sorted = new Int32Array(count + 1);
  for (let basin = 1; basin <= count; basin++) sorted[numbers[basin]] = peaks[basin];
  for (let i = 0; i < saddles.length; i += 3) {
    saddles[i] = numbers[saddles[i]];
    saddles[i + 1] = numbers[saddles[i + 1]];
  }
  return { labels, count, peaks: sorted, saddles };
}
