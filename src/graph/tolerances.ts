// How far two answers may be from each other: by the kind of arithmetic, relative in the 2-norm.

import type { Kernel, Node } from "./op.js";

/** The largest relative errors that each kind of arithmetic may have. */
export const TOLERANCES = {
  /** Sums of products in 32 bits. */
  direct: 1e-5,
  /** Products of transformed tiles, whose transforms round too. */
  winograd: 5e-5,
  /** Gradients: longer sums, of values that were rounded before. */
  gradient: 1e-4,
  /** Whatever was stored in 16 bits on the way. */
  f16: 2e-3,
} as const;

/** The tolerance of what a kernel computes of a node. */
export const toleranceOf = (node: Node, kernel: Kernel): number =>
  kernel.tolerance?.(node) ?? TOLERANCES.direct;

/**
 * |values - expected| / |expected| in the 2-norm; |values| where all that is expected is 0. NaN, which is
 * within no tolerance, where a value is no number. Throws where the lengths differ.
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
