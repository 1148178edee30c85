// The sizes of matrix products, as attributes of the op. They are strides, so that transposed
// matrices, broadcast batches and the gradients, which sum over what was broadcast, are the same op.

import type { Shape } from "../../graph/tensor.js";

/** A dimension of a batch: its size, and the floats between its elements in a and b. */
export interface Dimension {
  readonly size: number;
  readonly a: number;
  readonly b: number;
}

export interface MatmulAttributes {
  /** Rows of a, columns of b, and the size over which products are summed. */
  readonly size: readonly [m: number, n: number, k: number];
  /** Floats from one row of a to the next, and from one column. */
  readonly a: readonly [m: number, k: number];
  /** The same for b. */
  readonly b: readonly [k: number, n: number];
  /** Dimensions of the result before the last two, outermost first. */
  readonly outer: readonly Dimension[];
  /** Dimensions over which the products of matrices are summed. */
  readonly inner: readonly Dimension[];
  /** The shape of the result, which is stored as [...outer, m, n]. */
  readonly shape: Shape;
  /** Whether a bias [n] follows a and b. */
  readonly bias: boolean;
}

/** The dimensions of each kind that a shader counts. */
export const MOST_DIMENSIONS = 3;

/** The outer and the inner dimensions as the shaders count them, three of each. */
export const dimensionsOf = (outer: readonly Dimension[], inner: readonly Dimension[]) => [
  ...padded(outer),
  ...padded(inner),
];

const padded = (dimensions: readonly Dimension[]): Dimension[] => [
  ...Array<Dimension>(MOST_DIMENSIONS - dimensions.length).fill({ size: 1, a: 0, b: 0 }),
  ...dimensions,
];

/**
 * Returns the same product with fewer dimensions: neighbours that are evenly spaced become one, and
 * become rows, or part of the sum, if only one matrix is repeated.
 */
export function merged(attributes: MatmulAttributes): MatmulAttributes {
  let [m, n, k] = attributes.size;
  const outer = joined(attributes.outer);
  const inner = joined(attributes.inner);
  const [last] = outer.slice(-1);
  if (last && last.b === 0 && last.a === m * attributes.a[0]) {
    m *= last.size;
    outer.pop();
  }
  const [row] = inner.slice(-1);
  if (row && row.a === k * attributes.a[1] && row.b === k * attributes.b[0]) {
    k *= row.size;
    inner.pop();
  }
  return { ...attributes, size: [m, n, k], outer, inner };
}

function joined(dimensions: readonly Dimension[]): Dimension[] {
  const result: Dimension[] = [];
  for (const next of dimensions) {
    if (next.size === 1) continue;
    const last = result.at(-1);
    if (last && last.a === next.a * next.size && last.b === next.b * next.size) {
      result[result.length - 1] = { ...next, size: last.size * next.size };
    } else result.push(next);
  }
  return result;
}
