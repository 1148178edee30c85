import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Arrays } from "../../../src/check/op-case.js";
import { elementCount, input, type Shape } from "../../../src/graph/tensor.js";
import { linear, matmul } from "../../../src/ops/matmul/matmul.js";
import { checkOp, type OpCase } from "../../check-op.js";

interface Case {
  readonly a: Shape;
  readonly b: Shape;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Batch, rows, columns and depth, with the batch as it is broadcast. */
  readonly batch?: Shape;
  readonly size: readonly [m: number, n: number, k: number];
}

/** The element of the batch that a tensor with fewer or smaller dimensions has at an index. */
function batchOf(index: number, batch: Shape, own: Shape): number {
  let [rest, at, step] = [index, 0, 1];
  for (let i = 1; i <= batch.length; i++) {
    const size = batch[batch.length - i];
    const has = own[own.length - i] ?? 1;
    if (has > 1) at += (rest % size) * step;
    rest = Math.floor(rest / size);
    step *= has;
  }
  return at;
}

/** Visits the products of elements a[left] * b[right] that y[to] is the sum of. */
function eachProduct(one: Case, visit: (to: number, left: number, right: number) => void) {
  const { a, b, batch = [], size, transposeA, transposeB } = one;
  const [m, n, k] = size;
  for (let s = 0; s < elementCount(batch); s++) {
    const fromA = batchOf(s, batch, a.slice(0, -2)) * m * k;
    const fromB = batchOf(s, batch, b.slice(0, -2)) * k * n;
    for (let i = 0; i < m; i++)
      for (let j = 0; j < n; j++)
        for (let d = 0; d < k; d++) {
          const left = fromA + (transposeA ? d * m + i : i * k + d);
          visit((s * m + i) * n + j, left, fromB + (transposeB ? j * k + d : d * n + j));
        }
  }
}

function product(one: Case, a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const [m, n] = one.size;
  const y = new Float64Array(elementCount(one.batch ?? []) * m * n);
  eachProduct(one, (to, left, right) => {
    y[to] += a[left] * b[right];
  });
  return y;
}

function productGradients(one: Case, { a, b }: Arrays, dy: Float64Array) {
  const [da, db] = [new Float64Array(a.length), new Float64Array(b.length)];
  eachProduct(one, (to, left, right) => {
    da[left] += dy[to] * b[right];
    db[right] += dy[to] * a[left];
  });
  return { a: da, b: db };
}

function caseOf(one: Case): OpCase {
  const { a, b, transposeA = false, transposeB = false } = one;
  return {
    name: `matmul ${a}${transposeA ? " transposed" : ""} by ${b}${transposeB ? " transposed" : ""}`,
    inputs: { a: { shape: a, layout: "dense" }, b: { shape: b, layout: "dense" } },
    build: (t) => matmul(t.a, t.b, { transposeA, transposeB }),
    reference: (arrays) => product(one, arrays.a, arrays.b),
    referenceGradients: (arrays, dy) => productGradients(one, arrays, dy),
  };
}

test("matmul equals the reference: transposed, broadcast, and of vectors", async () => {
  const cases: Case[] = [
    { a: [5, 11], b: [11, 7], size: [5, 7, 11] },
    { a: [9, 3], b: [5, 9], transposeA: true, transposeB: true, size: [3, 5, 9] },
    { a: [2, 1, 3, 4], b: [3, 4, 5], batch: [2, 3], size: [3, 5, 4] },
    { a: [2, 3, 4], b: [5, 4], transposeB: true, batch: [2], size: [3, 5, 4] },
    { a: [4, 3], b: [2, 4, 2], transposeA: true, batch: [2], size: [3, 2, 4] },
    { a: [6], b: [6], size: [1, 1, 6] },
    { a: [4], b: [2, 4, 3], batch: [2], size: [1, 3, 4] },
    { a: [2, 3, 4], b: [4], batch: [2], size: [3, 1, 4] },
  ];
  for (const one of cases) await checkOp(caseOf(one), { each: false });
});

test("matmul covers more than one tile of rows and columns", async () => {
  // Large enough for packing; with sums over what was broadcast, and with few rows.
  const cases: Case[] = [
    { a: [2, 67, 19], b: [19, 70], batch: [2], size: [67, 70, 19] },
    { a: [2, 1, 40, 23], b: [3, 23, 51], batch: [2, 3], size: [40, 51, 23] },
    { a: [3, 100], b: [100, 500], size: [3, 500, 100] },
    { a: [90, 6], b: [300, 90], transposeA: true, transposeB: true, size: [6, 300, 90] },
  ];
  for (const one of cases) await checkOp(caseOf(one), { each: false });
});

test("linear equals the reference, with the gradients of weight and bias", async () => {
  const rows: Case = { a: [6, 5], b: [3, 5], transposeB: true, size: [6, 3, 5] };
  await checkOp(
    {
      name: "linear",
      inputs: {
        x: { shape: [2, 3, 5] },
        weight: { shape: [3, 5] },
        bias: { shape: [3] },
      },
      build: (t) => linear(t.x, t.weight, t.bias),
      reference: ({ x, weight, bias }) =>
        product(rows, x, weight).map((value, i) => value + bias[i % 3]),
    },
    { each: false },
  );
});

test("products of vectors have the shapes of NumPy", () => {
  const shapeOf = (a: Shape, b: Shape) =>
    matmul(input("a", a, "dense"), input("b", b, "dense")).shape;
  assert.equal(shapeOf([4], [4]), [1]);
  assert.equal(shapeOf([4], [4, 3]), [3]);
  assert.equal(shapeOf([2, 3, 4], [4]), [2, 3]);
  assert.equal(shapeOf([5, 1, 2, 4], [3, 4, 6]), [5, 3, 2, 6]);
});

test("matmul and linear say which shapes do not fit", () => {
  const tensor = (...shape: number[]) => input("x", shape, "dense");
  assert.throws(() => matmul(tensor(3, 4), tensor(5, 4)), "a has 4 columns but b has 5 rows");
  assert.throws(() => matmul(tensor(2, 3, 4), tensor(3, 4, 5)), "cannot be broadcast");
  assert.throws(
    () => matmul(input("x", [1, 2, 3, 4]), tensor(4, 4)),
    "got an image [1,2,3,4]: reshape it",
  );
  assert.throws(
    () => matmul(tensor(4), tensor(4), { transposeA: true }),
    "at least two dimensions",
  );
  assert.throws(() => linear(tensor(2, 3), tensor(3, 4)), "the weight must be [O,I]");
});

test.run();
