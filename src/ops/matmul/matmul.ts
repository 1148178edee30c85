// Matrix products of dense tensors, and linear layers.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { apply } from "../../graph/op.js";
import {
  expectDense,
  expectTensor,
  type Shape,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { matmulOp } from "./matmul-op.js";
import type { Dimension, MatmulAttributes } from "./matmul-sizes.js";

/** How a matrix product reads its matrices. */
export interface MatmulOptions {
  /** Whether the last two dimensions of `a` are swapped. It then has rank 2 at least. */
  readonly transposeA?: boolean | undefined;
  /** The same for `b`. */
  readonly transposeB?: boolean | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<MatmulOptions> = { transposeA: 1, transposeB: 1, name: 1 };

/**
 * Matrix product of dense tensors, as in NumPy and PyTorch: a [...,M,K], b [...,K,N] -> [...,M,N].
 * The dimensions before the last two are broadcast. A vector [K] is a row on the left and a column
 * on the right, and its dimension is missing in the result; two vectors give [1]. Throws a
 * `ShapeError` if the shapes do not fit.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  checkKeys("matmul", options, OPTIONS);
  const { transposeA = false, transposeB = false, name } = options;
  const left = matricesOf("a", a, transposeA, "row");
  const right = matricesOf("b", b, transposeB, "column");
  const [m, k] = left.size;
  const [depth, n] = right.size;
  if (k !== depth) {
    throw new ShapeError(
      `matmul: a has ${k} columns but b has ${depth} rows (a ${text(a.shape)}${transposeA ? " transposed" : ""}, ` +
        `b ${text(b.shape)}${transposeB ? " transposed" : ""})`,
    );
  }
  const batch = broadcast(left.batch, right.batch, a, b);
  const kept = [...(left.isVector ? [] : [m]), ...(right.isVector ? [] : [n])];
  const shape = [...batch.map(({ size }) => size), ...kept];
  const attributes: MatmulAttributes = {
    size: [m, n, k],
    a: left.strides,
    b: right.strides,
    outer: batch,
    inner: [],
    shape: shape.length > 0 ? shape : [1],
    bias: false,
  };
  return apply(matmulOp, [a, b], attributes, name ?? "matmul")[0];
}

/**
 * A linear layer: x [...,I], weight [O,I], bias [O] -> [...,O], x times the transposed weight plus
 * the bias. Throws a `ShapeError` if the shapes do not fit.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor, name = "linear"): Tensor {
  for (const [what, tensor] of Object.entries({ x, weight })) {
    expectTensor("linear", what, tensor);
    expectLayout("linear", what, tensor);
  }
  const [outs, ins] = weight.shape;
  const last = x.shape.at(-1) ?? 0;
  if (weight.shape.length !== 2 || last !== ins) {
    throw new ShapeError(
      `linear: the weight must be [O,I] with I the last size of the input ${text(x.shape)}, got ${text(weight.shape)}`,
    );
  }
  if (bias !== undefined) {
    expectTensor("linear", "bias", bias);
    expectDense("linear", "bias", bias, [outs]);
  }
  const before = x.shape.slice(0, -1);
  const attributes: MatmulAttributes = {
    size: [before.reduce((product, size) => product * size, 1), outs, ins],
    a: [ins, 1],
    b: [1, ins],
    outer: [],
    inner: [],
    shape: [...before, outs],
    bias: bias !== undefined,
  };
  return apply(matmulOp, bias ? [x, weight, bias] : [x, weight], attributes, name)[0];
}

interface Matrices {
  /** Rows and columns. */
  readonly size: readonly [number, number];
  /** Floats from one row to the next, and from one column. */
  readonly strides: readonly [number, number];
  readonly batch: Shape;
  readonly isVector: boolean;
}

function matricesOf(
  what: "a" | "b",
  tensor: Tensor,
  isTransposed: boolean,
  vector: "row" | "column",
): Matrices {
  expectTensor("matmul", what, tensor);
  expectLayout("matmul", what, tensor);
  const { shape } = tensor;
  if (shape.length === 0 || (shape.length === 1 && isTransposed)) {
    throw new ShapeError(
      `matmul: ${what} must have at least ${isTransposed ? "two dimensions to be transposed" : "one dimension"}, got ${text(shape)}`,
    );
  }
  if (shape.length === 1) {
    const [size] = shape;
    return vector === "row"
      ? { size: [1, size], strides: [size, 1], batch: [], isVector: true }
      : { size: [size, 1], strides: [1, 1], batch: [], isVector: true };
  }
  const [rows, columns] = shape.slice(-2);
  const batch = shape.slice(0, -2);
  return isTransposed
    ? { size: [columns, rows], strides: [1, columns], batch, isVector: false }
    : { size: [rows, columns], strides: [columns, 1], batch, isVector: false };
}

function expectLayout(op: string, what: string, { layout, shape }: Tensor): void {
  if (layout === "dense") return;
  throw new ShapeError(
    `${op}: ${what} must be a dense tensor, got an image ${text(shape)}: reshape it first`,
  );
}

/** Returns the dimensions of the batch, with the strides of both tensors; 0 where one is repeated. */
function broadcast(left: Shape, right: Shape, a: Tensor, b: Tensor): Dimension[] {
  const rank = Math.max(left.length, right.length);
  const sizesOf = (batch: Shape) => [...Array(rank - batch.length).fill(1), ...batch] as number[];
  const [as, bs] = [sizesOf(left), sizesOf(right)];
  const dimensions: Dimension[] = [];
  let [strideA, strideB] = [a, b].map(({ shape }) =>
    shape.slice(-2).reduce((product, size) => product * size, 1),
  );
  for (let i = rank - 1; i >= 0; i--) {
    if (as[i] !== bs[i] && as[i] !== 1 && bs[i] !== 1) {
      throw new ShapeError(
        `matmul: the dimensions before the last two cannot be broadcast: a ${text(a.shape)}, b ${text(b.shape)}`,
      );
    }
    dimensions.unshift({
      size: Math.max(as[i], bs[i]),
      a: as[i] > 1 ? strideA : 0,
      b: bs[i] > 1 ? strideB : 0,
    });
    strideA *= as[i];
    strideB *= bs[i];
  }
  return dimensions;
}
