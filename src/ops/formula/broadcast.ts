// Shapes of formulas: NumPy's broadcasting, and views of all tensors with four axes.

import { elementCount, type Shape, ShapeError, type Tensor, text } from "../../graph/tensor.js";

/** Axes of a view: [n, c, y, x]. */
export const VIEW_RANK = 4;

/** How the tensors of a formula are seen: each with four axes, of which some have size 1. */
export interface Views {
  /** Of the inputs, in order. */
  readonly inputs: readonly Shape[];
  /** The axes that the formula runs over. */
  readonly full: Shape;
}

/**
 * Returns the shape that tensors broadcast to (NumPy's rule: shapes are aligned at the right, and
 * sizes of 1 are repeated). Throws if two sizes differ and none of them is 1.
 */
export function broadcastShape(
  op: string,
  tensors: Readonly<Record<string, Pick<Tensor, "shape">>>,
): Shape {
  const rank = Math.max(...Object.values(tensors).map(({ shape }) => shape.length));
  const result: number[] = new Array(rank).fill(1);
  for (const [name, { shape }] of Object.entries(tensors)) {
    for (const [i, size] of shape.entries()) {
      const at = rank - shape.length + i;
      if (size !== 1 && result[at] !== 1 && size !== result[at]) {
        const others = Object.entries(tensors).map(([one, other]) => `${one} ${text(other.shape)}`);
        throw new ShapeError(
          `${op}: ${name} ${text(shape)} does not broadcast with the others (${others.join(", ")}): ` +
            "sizes must be equal or 1, aligned at the right",
        );
      }
      if (size !== 1) result[at] = size;
    }
  }
  return result;
}

/** Returns a shape with ones in front: [C,1,1] as [1,C,1,1]. */
export function padded(shape: Shape, rank = VIEW_RANK): Shape {
  return [...new Array(Math.max(0, rank - shape.length)).fill(1), ...shape];
}

/**
 * Returns views of dense tensors of any rank that broadcast to `full`: axes that are all repeated
 * or all not repeated by each tensor are merged. Throws if more than four remain.
 */
export function viewsOf(op: string, shapes: readonly Shape[], full: Shape): Views {
  if (full.length <= VIEW_RANK) {
    return { inputs: shapes.map((shape) => padded(shape)), full: padded(full) };
  }
  const aligned = shapes.map((shape) => padded(shape, full.length));
  const merged: { inputs: number[]; full: number }[] = [];
  for (const [i, size] of full.entries()) {
    if (size === 1) continue;
    const sizes = aligned.map((shape) => shape[i]);
    const last = merged.at(-1);
    const isAlike = last?.inputs.every((one, j) => (one === 1) === (sizes[j] === 1));
    if (last && isAlike) {
      last.full *= size;
      for (const [j, one] of sizes.entries()) last.inputs[j] *= one;
    } else merged.push({ inputs: sizes, full: size });
  }
  if (merged.length > VIEW_RANK) {
    throw new ShapeError(
      `${op}: ${shapes.map(text).join(" and ")} broadcast along ${merged.length} groups of axes, ` +
        `expected at most ${VIEW_RANK}: reshape them to fewer axes`,
    );
  }
  return {
    inputs: aligned.map((_, j) => padded(merged.map(({ inputs }) => inputs[j]))),
    full: padded(merged.map((axis) => axis.full)),
  };
}

/** Returns the axes along which a view is repeated. */
export function repeatedAxes(view: Shape, full: Shape): number[] {
  return full.flatMap((size, i) => (view[i] === size ? [] : [i]));
}

/** Whether two views have the same sizes. */
export const sameView = (a: Shape, b: Shape) => a.every((size, i) => size === b[i]);

/** Whether a view has a single element. */
export const isSingle = (view: Shape) => elementCount(view) === 1;
