// Plain loops in 64 bits, written for correctness only: convolutions with strides, dilation and
// groups. Images [N,C,H,W] row-major.

import type { Shape } from "../../graph/tensor.js";

export interface ConvolutionSizes {
  /** Of the image at the input side of the convolution: the output, if it is transposed. */
  readonly x: Shape;
  /** [O, I / groups, KH, KW] */
  readonly weight: Shape;
  /** Of the image at the output side. */
  readonly y: Shape;
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly before: readonly [number, number];
  readonly groups: number;
}

/** Calls `visit` for every product x[i] * w[j] that is added to y[k]. */
export function eachTap(
  { x, weight, y, stride, dilation, before, groups }: ConvolutionSizes,
  visit: (xAt: number, wAt: number, yAt: number) => void,
): void {
  const [n, ins, h, w] = x;
  const [outs, groupIn, kh, kw] = weight;
  const [, , oh, ow] = y;
  for (let image = 0; image < n; image++)
    for (let o = 0; o < outs; o++)
      for (let c = 0; c < groupIn; c++)
        for (let ky = 0; ky < kh; ky++)
          for (let kx = 0; kx < kw; kx++)
            for (let i = 0; i < oh; i++)
              for (let j = 0; j < ow; j++) {
                const row = i * stride[0] + ky * dilation[0] - before[0];
                const column = j * stride[1] + kx * dilation[1] - before[1];
                if (row < 0 || row >= h || column < 0 || column >= w) continue;
                const channel = Math.floor(o / (outs / groups)) * groupIn + c;
                visit(
                  ((image * ins + channel) * h + row) * w + column,
                  ((o * groupIn + c) * kh + ky) * kw + kx,
                  ((image * outs + o) * oh + i) * ow + j,
                );
              }
}

/** The convolution; `bias` [O]. */
export function convolutionReference(
  sizes: ConvolutionSizes,
  x: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const y = biased(sizes.y, bias);
  eachTap(sizes, (xAt, wAt, yAt) => {
    y[yAt] += x[xAt] * weight[wAt];
  });
  return y;
}

/** The transposed convolution, from an image of the shape `sizes.y` to one of `sizes.x`. */
export function convolutionTransposeReference(
  sizes: ConvolutionSizes,
  y: ArrayLike<number>,
  weight: ArrayLike<number>,
  bias?: ArrayLike<number>,
): Float64Array {
  const x = biased(sizes.x, bias);
  eachTap(sizes, (xAt, wAt, yAt) => {
    x[xAt] += y[yAt] * weight[wAt];
  });
  return x;
}

const biased = ([n, c, h, w]: Shape, bias: ArrayLike<number> | undefined) =>
  Float64Array.from({ length: n * c * h * w }, (_, i) =>
    bias ? bias[Math.floor(i / (h * w)) % c] : 0,
  );
