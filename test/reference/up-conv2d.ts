// Plain loops in 64 bits, for correctness alone. Images [N,C,H,W] row-major.

import type { Shape } from "../../src/graph/tensor.js";

export interface UpConvSizes {
  readonly x: Shape;
  /** Output channels. */
  readonly outs: number;
}

/** Visits every product x[i] * w[j] that belongs to y[k]; the weight is [I,O,2,2]. */
function eachProduct(
  { x: [n, c, h, w], outs }: UpConvSizes,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let out = 0; out < outs; out++)
        for (let i = 0; i < h; i++)
          for (let j = 0; j < w; j++)
            for (let a = 0; a < 2; a++)
              for (let b = 0; b < 2; b++) {
                const xAt = ((image * c + channel) * h + i) * w + j;
                const wAt = (channel * outs + out) * 4 + a * 2 + b;
                visit(xAt, wAt, ((image * outs + out) * h * 2 + 2 * i + a) * w * 2 + 2 * j + b);
              }
}

const channelOf = ({ x: [, , h, w], outs }: UpConvSizes, at: number) =>
  Math.floor(at / (4 * h * w)) % outs;

export function upConv2dReference(
  sizes: UpConvSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const [n, , h, w] = sizes.x;
  const y = Float64Array.from({ length: n * sizes.outs * h * w * 4 }, (_, i) =>
    bias ? bias[channelOf(sizes, i)] : 0,
  );
  eachProduct(sizes, (xAt, wAt, yAt) => {
    y[yAt] += x[xAt] * weight[wAt];
  });
  return y;
}

/** The adjoint: gradients of sum(dy * y). */
export function upConv2dGradientReference(
  sizes: UpConvSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  dy: ArrayLike<number>,
): { x: Float64Array; weight: Float64Array; bias: Float64Array } {
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(weight.length);
  eachProduct(sizes, (xAt, wAt, yAt) => {
    dx[xAt] += weight[wAt] * dy[yAt];
    dw[wAt] += x[xAt] * dy[yAt];
  });
  const db = new Float64Array(sizes.outs);
  for (let i = 0; i < dy.length; i++) db[channelOf(sizes, i)] += dy[i];
  return { x: dx, weight: dw, bias: db };
}
