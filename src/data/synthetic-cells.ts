// The cells of the synthetic sample: a warped Voronoi diagram in which some regions are joined.

import { smoothNoise } from "./noise.js";
import { random, randomInteger } from "./random.js";

/** Pitch of the jittered grid of seeds, in pixels: the size of small cells. */
const PITCH = 36;
/** Share of seeds that join a neighbour's cell; the others start a new one. */
const JOINED = 0.45;
const CENTRES = 101;
const WARP_X = 102;
const WARP_Y = 103;
const RIPPLE_X = 104;
const RIPPLE_Y = 105;

interface Seeds {
  readonly columns: number;
  readonly rows: number;
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The cell of each seed. */
  readonly cell: Int32Array;
}

/** Returns the cell number of each pixel, [height][width]: every pixel has one. */
export function cellRegions(seed: number, width: number, height: number): Int32Array {
  const seeds = placeSeeds(seed, width, height);
  const noise = (scale: number, stream: number) => smoothNoise(scale, width, height, seed, stream);
  const warp = [noise(52, WARP_X), noise(52, WARP_Y)];
  const ripple = [noise(14, RIPPLE_X), noise(14, RIPPLE_Y)];
  const regions = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x + 7.5 * warp[0](x, y) + 1.1 * ripple[0](x, y);
      const v = y + 7.5 * warp[1](x, y) + 1.1 * ripple[1](x, y);
      regions[y * width + x] = seeds.cell[nearestSeed(seeds, u, v)];
    }
  }
  return regions;
}

/**
 * Places seeds on a jittered grid with a margin of three nodes, joined to cells of uneven sizes.
 */
function placeSeeds(seed: number, width: number, height: number): Seeds {
  const columns = Math.ceil(width / PITCH) + 6;
  const rows = Math.ceil(height / PITCH) + 6;
  const next = random(seed, CENTRES);
  const count = columns * rows;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const cell = Int32Array.from({ length: count }, (_, node) => node);
  for (let node = 0; node < count; node++) {
    x[node] = ((node % columns) - 3 + next()) * PITCH;
    y[node] = (Math.floor(node / columns) - 3 + next()) * PITCH;
    if (next() > JOINED) continue;
    // Joining the left, upper or upper left neighbour's cell creates long and bent cells.
    const back = [1, columns, columns + 1][randomInteger(next, 3)];
    if (node >= back) cell[node] = cell[node - back];
  }
  return { columns, rows, x, y, cell };
}

function nearestSeed({ columns, rows, x, y }: Seeds, u: number, v: number): number {
  const i = Math.max(2, Math.min(columns - 3, Math.floor(u / PITCH) + 3));
  const j = Math.max(2, Math.min(rows - 3, Math.floor(v / PITCH) + 3));
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let row = j - 2; row <= j + 2; row++) {
    for (let node = row * columns + i - 2; node <= row * columns + i + 2; node++) {
      const distance = (x[node] - u) ** 2 + (y[node] - v) ** 2;
      if (distance < least) {
        least = distance;
        best = node;
      }
    }
  }
  return best;
}
