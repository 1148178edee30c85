// Smooth random fields for the synthetic sample.

import { gaussian, random } from "./random.js";

/**
 * Returns a field of mean 0 and standard deviation about 1 that varies over `scale` pixels: normal
 * numbers on a grid of that pitch, interpolated by a smooth cubic. It can be read at any point,
 * also outside 0 .. size.
 */
export function smoothNoise(
  scale: number,
  width: number,
  height: number,
  seed: number,
  stream: number,
): (x: number, y: number) => number {
  // Two nodes of margin per side, for points that a warp has moved outside.
  const columns = Math.ceil(width / scale) + 6;
  const rows = Math.ceil(height / scale) + 6;
  const next = random(seed, stream);
  // The interpolation averages four nodes: 1.5 restores a standard deviation of about 1.
  const nodes = Float32Array.from({ length: columns * rows }, () => 1.5 * gaussian(next));
  return (x, y) => {
    const u = Math.max(0, Math.min(columns - 1.001, x / scale + 2));
    const v = Math.max(0, Math.min(rows - 1.001, y / scale + 2));
    const [i, j] = [Math.floor(u), Math.floor(v)];
    const [a, b] = [ease(u - i), ease(v - j)];
    const at = j * columns + i;
    const top = nodes[at] + a * (nodes[at + 1] - nodes[at]);
    const bottom = nodes[at + columns] + a * (nodes[at + columns + 1] - nodes[at + columns]);
    return top + b * (bottom - top);
  };
}

function ease(t: number): number {
  return t * t * (3 - 2 * t);
}
