// Plain loops in 64 bits, written for correctness only. Images [N,C,H,W] row-major.

import type { Shape } from "../../graph/tensor.js";
import { eachPixel } from "./softmax-reference.js";

/**
 * Ronneberger et al. 2015, equation 1, divided by the number of pixels with w > 0
 * (docs/contract.md): the loss and its gradient with respect to the logits. A pixel with w = 0 is
 * ignored.
 */
export function weightedCrossEntropyReference(
  shape: Shape,
  logits: ArrayLike<number>,
  label: ArrayLike<number>,
  weight: ArrayLike<number>,
): { loss: number; gradient: Float64Array } {
  const classes = shape[1];
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  let count = 0;
  eachPixel(shape, (first, stride, pixel) => {
    const w = weight[pixel];
    if (w === 0) return;
    count++;
    const z = Array.from({ length: classes }, (_, k) => logits[first + k * stride]);
    const largest = Math.max(...z);
    const sum = z.reduce((total, value) => total + Math.exp(value - largest), 0);
    loss += w * (Math.log(sum) - (z[label[pixel]] - largest));
    for (let k = 0; k < classes; k++) {
      const p = Math.exp(z[k] - largest) / sum;
      gradient[first + k * stride] = w * (p - Number(k === label[pixel]));
    }
  });
  if (count === 0) return { loss: 0, gradient };
  return { loss: loss / count, gradient: gradient.map((value) => value / count) };
}
