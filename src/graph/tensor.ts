// The tensors of a graph: how they are made, and what errors say of their shapes.
//
// A graph is what hangs together through `Tensor.node`: there is no graph object and no hidden
// state. A function such as `conv2d(x, weight)` checks shapes and returns a tensor that remembers
// how it is made (op.ts); `gradients` (differentiate.ts) adds nodes; a plan (gpu/plan.ts) runs them.

import { checkWord } from "../arguments/keys.js";
import { checkNumbers, kindOf } from "../arguments/numbers.js";
import type { Layout, Shape, Source, Tensor } from "./types.js";

export type { DType, Layout, Shape, Source, Tensor, TexelRows } from "./types.js";

/** Thrown where an op is applied to tensors that do not fit. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Throws unless `value` is a tensor; `what` names it in the error. */
export function expectTensor(op: string, what: string, value: unknown): void {
  const { shape, layout } = (value ?? {}) as Partial<Tensor>;
  if (Array.isArray(shape) && layout !== undefined) return;
  throw new ShapeError(`${op}: ${what} must be a tensor, got ${kindOf(value)}`);
}

const LAYOUTS: readonly Layout[] = ["image", "dense"];

function source(name: string, shape: Shape, layout: Layout, from: Source): Tensor {
  if (typeof name !== "string" || name === "") {
    throw new ShapeError(`${from.kind}: a tensor has a name, got ${kindOf(name)}`);
  }
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${name}: a shape is a list of sizes, got ${kindOf(shape)}`);
  }
  checkWord(`${name}: the layout`, layout, LAYOUTS);
  if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ShapeError(`${name}: sizes are whole numbers of at least 1, got ${text(shape)}`);
  }
  if (layout === "image" && shape.length !== 4) {
    throw new ShapeError(`${name}: an image tensor is [N, C, H, W], got ${text(shape)}`);
  }
  return { name, shape, layout, dtype: "f32", node: undefined, source: from };
}

const defaultLayout = (shape: Shape): Layout => (shape.length === 4 ? "image" : "dense");

/**
 * A tensor that the caller writes before each run. Rank 4 is taken as images [N, C, H, W]; pass
 * "dense" for a weight.
 */
export function input(name: string, shape: Shape, layout: Layout = defaultLayout(shape)): Tensor {
  return source(name, shape, layout, { kind: "input" });
}

/** A tensor whose values never change, row-major. */
export function constant(
  name: string,
  shape: Shape,
  values: ArrayLike<number>,
  layout: Layout = defaultLayout(shape),
): Tensor {
  if (values.length !== elementCount(shape)) {
    throw new ShapeError(
      `${name}: ${values.length} values do not fill ${text(shape)} (${elementCount(shape)})`,
    );
  }
  checkNumbers(`constant ${name}`, values);
  return source(name, shape, layout, { kind: "constant", values: Float32Array.from(values) });
}

/** A dense range of the state buffer `state`, from float `offset`, a multiple of 64. */
export function stateTensor(name: string, shape: Shape, state: string, offset = 0): Tensor {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new ShapeError(
      `${name}: the offset in the state ${state} is a whole number of floats from 0, got ${offset}`,
    );
  }
  return source(name, shape, "dense", { kind: "state", state, offset });
}

/** Working memory of `floats` floats for the dispatches of one node. */
export function scratch(name: string, floats: number): Tensor {
  return source(name, [floats], "dense", { kind: "scratch" });
}

/** Working memory that a kernel may read as a texture of `texels` by `rows` (layout.ts). */
export function scratchTexture(name: string, rows: number, texels: number): Tensor {
  return source(name, [rows, texels, 4], "dense", { kind: "scratch" });
}

/** Working memory for an image of one node. */
export function scratchImage(name: string, shape: Shape): Tensor {
  return source(name, shape, "image", { kind: "scratch" });
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape as errors print it: [2,3,9,7]. */
export function text(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

export function sameShape(a: Tensor, b: Tensor): boolean {
  return (
    a.layout === b.layout &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, i) => size === b.shape[i])
  );
}

/** Throws unless `tensor` is an image tensor; `what` names it in the error. */
export function expectImage(op: string, what: string, tensor: Tensor): void {
  if (tensor.layout !== "image") {
    throw new ShapeError(
      `${op}: ${what} must be an image tensor [N,C,H,W], got a dense ${text(tensor.shape)}`,
    );
  }
}

/** Throws unless `tensor` is dense with the given shape. */
export function expectDense(op: string, what: string, tensor: Tensor, shape: Shape): void {
  const same =
    tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
  if (tensor.layout !== "dense" || !same) {
    throw new ShapeError(
      `${op}: ${what} must be a dense ${text(shape)}, got ${tensor.layout} ${text(tensor.shape)}`,
    );
  }
}
