// Plain loops in 64 bits, written for correctness only. Images [N,C,H,W] row-major.

import { elementCount, type Shape } from "../../graph/tensor.js";

/** Calls `visit` for each element of the result with its source. */
export function eachCropped(
  [n, skipC, skipH, skipW]: Shape,
  [, upC, h, w]: Shape,
  visit: (from: "skip" | "up", at: number, yAt: number) => void,
): void {
  const top = Math.floor((skipH - h) / 2);
  const left = Math.floor((skipW - w) / 2);
  let yAt = 0;
  for (let image = 0; image < n; image++)
    for (let c = 0; c < skipC + upC; c++)
      for (let i = 0; i < h; i++)
        for (let j = 0; j < w; j++) {
          const skipAt = ((image * skipC + c) * skipH + i + top) * skipW + j + left;
          const upAt = ((image * upC + c - skipC) * h + i) * w + j;
          if (c < skipC) visit("skip", skipAt, yAt++);
          else visit("up", upAt, yAt++);
        }
}

export function cropConcatReference(
  skipShape: Shape,
  skip: ArrayLike<number>,
  upShape: Shape,
  up: ArrayLike<number>,
): Float64Array {
  const [n, c, h, w] = upShape;
  const y = new Float64Array(n * (skipShape[1] + c) * h * w);
  eachCropped(skipShape, upShape, (from, at, yAt) => {
    y[yAt] = (from === "skip" ? skip : up)[at];
  });
  return y;
}

/** The adjoint: gradients of the skip, zero where it was cropped, and of the other input. */
export function cropConcatGradientReference(
  skip: Shape,
  up: Shape,
  dy: ArrayLike<number>,
): { skip: Float64Array; x: Float64Array } {
  const gradients = {
    skip: new Float64Array(elementCount(skip)),
    x: new Float64Array(elementCount(up)),
  };
  eachCropped(skip, up, (from, at, yAt) => {
    gradients[from === "skip" ? "skip" : "x"][at] = dy[yAt];
  });
  return gradients;
}
