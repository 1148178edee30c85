// Plain loops in 64 bits, written for correctness only. Images [N,C,H,W] row-major.

import type { Shape } from "../../graph/tensor.js";

export interface ConvSizes {
  readonly x: Shape;
  readonly weight: Shape;
  readonly border: number;
}

/** Calls `visit` for every product x[i] * w[j] that is added to y[k]. */
export function eachProduct(
  { x, weight, border }: ConvSizes,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const [n, c, h, w] = x;
  const [o, , k] = weight;
  const [oh, ow] = [h + 2 * border - k + 1, w + 2 * border - k + 1];
  for (let image = 0; image < n; image++)
    for (let out = 0; out < o; out++)
      for (let channel = 0; channel < c; channel++)
        for (let ky = 0; ky < k; ky++)
          for (let kx = 0; kx < k; kx++) {
            const wAt = ((out * c + channel) * k + ky) * k + kx;
            for (let i = Math.max(0, border - ky); i < Math.min(oh, h + border - ky); i++) {
              const xRow = ((image * c + channel) * h + i + ky - border) * w + kx - border;
              const yRow = ((image * o + out) * oh + i) * ow;
              const end = Math.min(ow, w + border - kx);
              for (let j = Math.max(0, border - kx); j < end; j++) visit(xRow + j, wAt, yRow + j);
            }
          }
}

export function outputShape({ x: [n, , h, w], weight: [o, , k], border }: ConvSizes): Shape {
  return [n, o, h + 2 * border - k + 1, w + 2 * border - k + 1];
}

export function conv2dReference(
  sizes: ConvSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const [n, o, h, w] = outputShape(sizes);
  const y = Float64Array.from({ length: n * o * h * w }, (_, i) =>
    bias ? bias[Math.floor(i / (h * w)) % o] : 0,
  );
  eachProduct(sizes, (xAt, wAt, yAt) => {
    y[yAt] += x[xAt] * weight[wAt];
  });
  return y;
}

/** The adjoint: gradients of sum(dy * y) for the convolution without activation. */
export function conv2dGradientReference(
  sizes: ConvSizes,
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
  const [, o, h, w] = outputShape(sizes);
  const db = new Float64Array(o);
  for (let i = 0; i < dy.length; i++) db[Math.floor(i / (h * w)) % o] += dy[i];
  return { x: dx, weight: dw, bias: db };
}
