// Tolerances for the answers of kernels, by kind of arithmetic: relative errors in the 2-norm.

import type { Kernel, Node } from "./op.js";

/** The largest relative error of each kind of arithmetic. */
export const TOLERANCES = {
  /** Sums of products in 32 bits. */
  direct: 1e-5,
  /** Products of transformed tiles, whose transforms round as well. */
  winograd: 5e-5,
  /** Gradients: longer sums, of values that are already rounded. */
  gradient: 1e-4,
  /** Anything stored in 16 bits on the way. */
  f16: 2e-3,
} as const;

/** Returns the tolerance of a kernel for a node. */
export const toleranceOf = (node: Node, kernel: Kernel): number =>
  kernel.tolerance?.(node) ?? TOLERANCES.direct;

/**
 * Returns |values - expected| / |expected| in the 2-norm, or |values| if all expected values are 0.
 * Returns NaN, which is within no tolerance, if a value is NaN. Throws if the lengths differ.
 */
export function relativeError(values: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (values.length !== expected.length) {
    throw new Error(`there are ${values.length} values, expected ${expected.length}`);
  }
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < values.length; i++) {
    difference += (values[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return norm > 0 ? Math.sqrt(difference / norm) : Math.sqrt(difference);
}
