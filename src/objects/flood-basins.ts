// Watershed by flooding from the peaks down (Vincent and Soille 1991). A basin whose peak is not much
// higher than the saddle to a neighbour joins that neighbour.

import type { Components } from "../data/components.js";

/**
 * Basins of a landscape, [height][width], whole numbers; 0 is outside. From the highest pixel down, each
 * joins the basin of its highest 4-neighbour that has one, or starts a new basin. Two basins that meet
 * become one if the lower of their peaks is at most `depth` above that pixel. Pixels of equal height are
 * visited row by row, so the result is always the same. Numbered from 1, in no particular order.
 * O(pixels + highest).
 */
export function floodBasins(
  heights: Int32Array,
  width: number,
  height: number,
  depth: number,
): Components {
  const order = fromHighest(heights);
  const basins = new Int32Array(width * height);
  /** By basin: the basin that it has joined, or itself; and its peak. [0] is unused. */
  const parents: number[] = [0];
  const peaks: number[] = [0];
  const rootOf = (basin: number) => {
    let root = basin;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  /** The basin that two become: the one with the higher peak, at a tie the older. */
  const join = (a: number, b: number) => {
    const keepsA = peaks[a] > peaks[b] || (peaks[a] === peaks[b] && a < b);
    const [kept, gone] = keepsA ? [a, b] : [b, a];
    parents[gone] = kept;
  };
  const neighbours = new Int32Array(4);
  for (const pixel of order) {
    const level = heights[pixel];
    let count = 0;
    const x = pixel % width;
    if (pixel >= width) neighbours[count++] = pixel - width;
    if (x > 0) neighbours[count++] = pixel - 1;
    if (x < width - 1) neighbours[count++] = pixel + 1;
    if (pixel + width < basins.length) neighbours[count++] = pixel + width;
    let best = -1;
    for (let i = 0; i < count; i++) {
      const neighbour = neighbours[i];
      if (basins[neighbour] === 0) continue;
      if (best < 0 || heights[neighbour] > heights[best]) best = neighbour;
      const own = rootOf(basins[neighbour]);
      for (let j = 0; j < i; j++) {
        if (basins[neighbours[j]] === 0) continue;
        const [a, b] = [rootOf(basins[neighbours[j]]), rootOf(own)];
        if (a !== b && Math.min(peaks[a], peaks[b]) - level <= depth) join(a, b);
      }
    }
    if (best >= 0) basins[pixel] = rootOf(basins[best]);
    else {
      basins[pixel] = parents.length;
      parents.push(parents.length);
      peaks.push(level);
    }
  }
  return numbered(basins, rootOf);
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

function numbered(basins: Int32Array, rootOf: (basin: number) => number): Components {
  const numbers = new Map<number, number>();
  for (let pixel = 0; pixel < basins.length; pixel++) {
    if (basins[pixel] === 0) continue;
    const root = rootOf(basins[pixel]);
    const number = numbers.get(root) ?? numbers.size + 1;
    numbers.set(root, number);
    basins[pixel] = number;
  }
  return { labels: basins, count: numbers.size };
}
