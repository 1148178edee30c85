// Plain loops in 64 bits, written for correctness only. Images [N,C,H,W] row-major.

import type { Shape } from "../../graph/tensor.js";

/**
 * Calls `visit` for each window with the offsets of its output and of its largest pixel (the first
 * if several are equal).
 */
function eachWindow(
  [n, c, h, w]: Shape,
  x: ArrayLike<number>,
  visit: (yAt: number, xAt: number) => void,
): void {
  const [oh, ow] = [Math.floor(h / 2), Math.floor(w / 2)];
  for (let plane = 0; plane < n * c; plane++)
    for (let i = 0; i < oh; i++)
      for (let j = 0; j < ow; j++) {
        const corner = (plane * h + 2 * i) * w + 2 * j;
        let largest = corner;
        for (const at of [corner + 1, corner + w, corner + w + 1]) {
          if (x[at] > x[largest]) largest = at;
        }
        visit((plane * oh + i) * ow + j, largest);
      }
}

export function maxPool2dReference(shape: Shape, x: ArrayLike<number>): Float64Array {
  const [n, c, h, w] = shape;
  const y = new Float64Array(n * c * Math.floor(h / 2) * Math.floor(w / 2));
  eachWindow(shape, x, (yAt, xAt) => {
    y[yAt] = x[xAt];
  });
  return y;
}

export function maxPool2dGradientReference(
  shape: Shape,
  x: ArrayLike<number>,
  dy: ArrayLike<number>,
): Float64Array {
  const dx = new Float64Array(x.length);
  eachWindow(shape, x, (yAt, xAt) => {
    dx[xAt] = dy[yAt];
  });
  return dx;
}
