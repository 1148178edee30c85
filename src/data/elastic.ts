// Elastic deformation: a smooth random displacement of every pixel of a square tile.

import { gaussianBlur } from "./blur.js";
import { gaussian } from "./random.js";

/** A displacement in pixels for each pixel of a tile, [side][side] along x and along y. */
export interface Displacement {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Nodes along each side of the coarse grid (paper, section 3.1: "a coarse 3 by 3 grid"). */
const NODES = 3;

/**
 * "Random displacement vectors on a coarse 3 by 3 grid", "sampled from a Gaussian distribution with
 * 10 pixels standard deviation. Per-pixel displacements are then computed using bicubic
 * interpolation" (paper, section 3.1). The grid spans the tile, with its outer nodes on the corner
 * pixels; it is extrapolated linearly beyond them, as the Catmull-Rom cubic requires at the edge.
 */
export function gridDisplacement(
  side: number,
  deviation: number,
  next: () => number,
): Displacement {
  const nodes = () =>
    Float64Array.from({ length: NODES * NODES }, () => deviation * gaussian(next));
  const alongX = nodes();
  const alongY = nodes();
  return { x: interpolateGrid(alongX, side), y: interpolateGrid(alongY, side) };
}

/**
 * Returns displacements uniform in -alpha to alpha along each axis, smoothed by a Gaussian of
 * `sigma` pixels (Simard, Steinkraus, Platt 2003): with alpha 50 and sigma 5 about 1.6 pixels
 * remain.
 */
export function smoothDisplacement(
  side: number,
  alpha: number,
  sigma: number,
  next: () => number,
): Displacement {
  const smooth = () => {
    const drawn = new Float32Array(side * side);
    for (let pixel = 0; pixel < drawn.length; pixel++) drawn[pixel] = alpha * (2 * next() - 1);
    return gaussianBlur(drawn, side, side, sigma);
  };
  const x = smooth();
  return { x, y: smooth() };
}

function interpolateGrid(nodes: Float64Array, side: number): Float32Array {
  const weights = nodeWeights(side);
  const result = new Float32Array(side * side);
  const row = new Float64Array(NODES);
  for (let y = 0; y < side; y++) {
    for (let node = 0; node < NODES; node++) {
      row[node] = 0;
      for (let k = 0; k < NODES; k++) row[node] += weights[y * NODES + k] * nodes[k * NODES + node];
    }
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let k = 0; k < NODES; k++) sum += weights[x * NODES + k] * row[k];
      result[y * side + x] = sum;
    }
  }
  return result;
}

/** [side][NODES]: the weight of each node at each pixel of a line. */
function nodeWeights(side: number): Float64Array {
  const weights = new Float64Array(side * NODES);
  const taps = new Float64Array(4);
  const add = (pixel: number, node: number, weight: number) => {
    // A node beyond the end is on the line through the last two.
    if (node < 0) {
      weights[pixel * NODES] += 2 * weight;
      weights[pixel * NODES + 1] -= weight;
    } else if (node >= NODES) {
      weights[pixel * NODES + NODES - 1] += 2 * weight;
      weights[pixel * NODES + NODES - 2] -= weight;
    } else weights[pixel * NODES + node] += weight;
  };
  for (let pixel = 0; pixel < side; pixel++) {
    const place = side === 1 ? (NODES - 1) / 2 : (pixel * (NODES - 1)) / (side - 1);
    const cell = Math.min(Math.floor(place), NODES - 2);
    cubicWeights(place - cell, taps);
    for (let tap = 0; tap < 4; tap++) add(pixel, cell - 1 + tap, taps[tap]);
  }
  return weights;
}

/**
 * Computes the weights of the four neighbours -1, 0, 1, 2 at `t` in 0 to 1: the cubic convolution
 * of Keys (1981) with a = -1/2, which is the Catmull-Rom spline. At 0 and 1 it returns the
 * neighbour itself.
 */
export function cubicWeights(t: number, weights: Float64Array): void {
  weights[0] = ((1 - t / 2) * t - 0.5) * t;
  weights[1] = (1.5 * t - 2.5) * t * t + 1;
  weights[2] = ((2 - 1.5 * t) * t + 0.5) * t;
  weights[3] = (t / 2 - 0.5) * t * t;
}
