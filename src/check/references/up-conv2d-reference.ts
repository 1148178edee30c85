// Plain loops in 64 bits, written for correctness only. Images [N,C,H,W] row-major.

import type { Shape } from "../../graph/tensor.js";

export interface UpConvSizes {
  readonly x: Shape;
  /** Number of output channels. */
  readonly outs: number;
  /** Kernel size and stride. By default 2. */
  readonly kernel?: number;
  readonly stride?: number;
  /** Rows and columns cut from each side. By default 0. */
  readonly padding?: number;
}

export function upConv2dShape(sizes: UpConvSizes): Shape {
  const { x, outs, kernel = 2, stride = 2, padding = 0 } = sizes;
  const [h, w] = x.slice(2).map((size) => (size - 1) * stride + kernel - 2 * padding);
  return [x[0], outs, h, w];
}

/** Calls `visit` for every product x[i] * w[j] that is added to y[k]; the weight is [I,O,K,K]. */
function eachProduct(
  sizes: UpConvSizes,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const { x, outs, kernel = 2, stride = 2, padding = 0 } = sizes;
  const [n, c, h, w] = x;
  const [, , height, width] = upConv2dShape(sizes);
  for (let image = 0; image < n; image++)
    for (let channel = 0; channel < c; channel++)
      for (let out = 0; out < outs; out++)
        for (let i = 0; i < h; i++)
          for (let j = 0; j < w; j++)
            for (let a = 0; a < kernel; a++)
              for (let b = 0; b < kernel; b++) {
                const [u, v] = [i * stride + a - padding, j * stride + b - padding];
                if (u < 0 || v < 0 || u >= height || v >= width) continue;
                const xAt = ((image * c + channel) * h + i) * w + j;
                const wAt = ((channel * outs + out) * kernel + a) * kernel + b;
                visit(xAt, wAt, ((image * outs + out) * height + u) * width + v);
              }
}

function channelOf(sizes: UpConvSizes, at: number): number {
  const [, outs, height, width] = upConv2dShape(sizes);
  return Math.floor(at / (height * width)) % outs;
}

export function upConv2dReference(
  sizes: UpConvSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const [n, outs, height, width] = upConv2dShape(sizes);
  const y = Float64Array.from({ length: n * outs * height * width }, (_, i) =>
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
