// What the families of random programs share.

import type { Layout } from "../../../src/graph/tensor.js";
import type { Draw } from "./draw.js";
import type { Program } from "./program.js";

/** Draws a program. Combinations that the ops refuse are drawn again. */
export type Family = (program: Program, draw: Draw) => void;

/** Sums of thousands of numbers, such as the gradient of a bias, may be much smaller than these. */
export const SUMS = 0.02;
export const UNARY =
  "relu leakyRelu elu gelu silu hardSwish sigmoid tanh softplus exp log sqrt square abs neg clip".split(
    " ",
  );
export const BINARY = "add sub mul div maximum minimum where".split(" ");

/** A layout for a shape: only rank 4 can be an image. */
export const layoutOf = (draw: Draw, shape: readonly number[]): Layout =>
  shape.length === 4 && draw.chance(0.6) ? "image" : "dense";
