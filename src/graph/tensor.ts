// The tensors of a graph: constructors, and checks of shapes with their errors.
//
// A graph is whatever is reachable through `Tensor.node`: there is no graph object and no hidden
// state. A function such as `conv2d(x, weight)` checks shapes and returns a tensor that remembers
// how it is computed (op.ts); `gradients` (differentiate.ts) adds nodes; a plan (gpu/plan.ts) runs
// them.

import { checkWord } from "../arguments/keys.js";
import { checkNumbers, kindOf } from "../arguments/numbers.js";
import type { Layout, Shape, Source, Tensor } from "./types.js";

export type { DType, Layout, Shape, Source, Tensor, TexelRows } from "./types.js";

/** Thrown if an op is applied to tensors whose shapes do not fit. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Throws unless `value` is a tensor. The error calls it `what`. */
export function expectTensor(op: string, what: string, value: unknown): void {
  const { shape, layout } = (value ?? {}) as Partial<Tensor>;
  if (Array.isArray(shape) && layout !== undefined) return;
  throw new ShapeError(`${op}: ${what} must be a tensor, got ${kindOf(value)}`);
}

const LAYOUTS: readonly Layout[] = ["image", "dense"];

function source(name: string, shape: Shape, layout: Layout, from: Source): Tensor {
  if (typeof name !== "string" || name === "") {
    throw new ShapeError(
      `${from.kind}: the name of a tensor must be a string, got ${kindOf(name)}`,
    );
  }
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${name}: a shape must be a list of sizes, got ${kindOf(shape)}`);
  }
  checkWord(`${name}: the layout`, layout, LAYOUTS);
  if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ShapeError(`${name}: sizes must be whole numbers of at least 1, got ${text(shape)}`);
  }
  if (layout === "image" && shape.length !== 4) {
    throw new ShapeError(`${name}: an image tensor must be [N, C, H, W], got ${text(shape)}`);
  }
  return { name, shape, layout, dtype: "f32", node: undefined, source: from };
}

const defaultLayout = (shape: Shape): Layout => (shape.length === 4 ? "image" : "dense");

/**
 * Creates a tensor that the caller writes before each run. Rank 4 means images [N, C, H, W] by
 * default; pass "dense" for a weight.
 */
export function input(name: string, shape: Shape, layout: Layout = defaultLayout(shape)): Tensor {
  return source(name, shape, layout, { kind: "input" });
}

/** Creates a tensor with constant values, given in row-major order. */
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

/** Creates a dense tensor in the state buffer `state`, from float `offset`, a multiple of 64. */
export function stateTensor(name: string, shape: Shape, state: string, offset = 0): Tensor {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new ShapeError(
      `${name}: the offset in the state ${state} must be a whole number of floats from 0, got ${offset}`,
    );
  }
  return source(name, shape, "dense", { kind: "state", state, offset });
}

/** Creates working memory of `floats` floats for the dispatches of one node. */
export function scratch(name: string, floats: number): Tensor {
  return source(name, [floats], "dense", { kind: "scratch" });
}

/** Creates working memory that a kernel may read as a texture of `texels` by `rows` (layout.ts). */
export function scratchTexture(name: string, rows: number, texels: number): Tensor {
  return source(name, [rows, texels, 4], "dense", { kind: "scratch" });
}

/** Creates working memory for one image of a node. */
export function scratchImage(name: string, shape: Shape): Tensor {
  return source(name, shape, "image", { kind: "scratch" });
}

/** The product of the sizes; 1 for a scalar. */
export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Formats a shape for errors: [2,3,9,7]. */
export function text(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/** Whether two tensors have the same sizes and the same layout. */
export function sameShape(a: Tensor, b: Tensor): boolean {
  return (
    a.layout === b.layout &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, i) => size === b.shape[i])
  );
}

/** Throws unless `tensor` is an image tensor. The error calls it `what`. */
export function expectImage(op: string, what: string, tensor: Tensor): void {
  if (tensor.layout !== "image") {
    throw new ShapeError(
      `${op}: ${what} must be an image tensor [N,C,H,W], got a dense ${text(tensor.shape)}`,
    );
  }
}

/** Throws unless `tensor` is dense and has the given shape. */
export function expectDense(op: string, what: string, tensor: Tensor, shape: Shape): void {
  const same =
    tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
  if (tensor.layout !== "dense" || !same) {
    throw new ShapeError(
      `${op}: ${what} must be a dense ${text(shape)}, got ${tensor.layout} ${text(tensor.shape)}`,
    );
  }
}
