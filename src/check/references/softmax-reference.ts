// Plain loops in 64 bits, written for correctness only. Images [N,C,H,W] row-major.

import type { Shape } from "../../graph/tensor.js";

/**
 * Calls `visit` for each pixel with the offset of its channel 0 and the distance between channels.
 */
export function eachPixel(
  [n, c, h, w]: Shape,
  visit: (first: number, stride: number, pixel: number) => void,
): void {
  const plane = h * w;
  for (let pixel = 0; pixel < n * plane; pixel++) {
    visit(Math.floor(pixel / plane) * c * plane + (pixel % plane), plane, pixel);
  }
}

/** Softmax over the channels. The maximum is subtracted first, so that nothing overflows. */
export function softmaxReference(shape: Shape, x: ArrayLike<number>): Float64Array {
  const y = new Float64Array(x.length);
  eachPixel(shape, (first, stride) => {
    let largest = -Infinity;
    for (let k = 0; k < shape[1]; k++) largest = Math.max(largest, x[first + k * stride]);
    let sum = 0;
    for (let k = 0; k < shape[1]; k++) sum += Math.exp(x[first + k * stride] - largest);
    for (let k = 0; k < shape[1]; k++) {
      y[first + k * stride] = Math.exp(x[first + k * stride] - largest) / sum;
    }
  });
  return y;
}
