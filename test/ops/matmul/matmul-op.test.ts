import { test } from "uvu";
import * as assert from "uvu/assert";
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

function product({ a, b, batch = [], size: [m, n, k], transposeA, transposeB }: Case) {
  return (left: ArrayLike<number>, right: ArrayLike<number>) => {
    const y = new Float64Array(elementCount(batch) * m * n);
    for (let s = 0; s < elementCount(batch); s++) {
      const fromA = batchOf(s, batch, a.slice(0, -2)) * m * k;
      const fromB = batchOf(s, batch, b.slice(0, -2)) * k * n;
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++)
          for (let d = 0; d < k; d++) {
            const one = left[fromA + (transposeA ? d * m + i : i * k + d)];
            y[(s * m + i) * n + j] += one * right[fromB + (transposeB ? j * k + d : d * n + j)];
          }
    }
    return y;
  };
}

function caseOf(one: Case): OpCase {
  const { a, b, transposeA = false, transposeB = false } = one;
  const multiply = product(one);
  return {
    name: `matmul ${a}${transposeA ? " transposed" : ""} by ${b}${transposeB ? " transposed" : ""}`,
    inputs: { a: { shape: a, layout: "dense" }, b: { shape: b, layout: "dense" } },
    build: (t) => matmul(t.a, t.b, { transposeA, transposeB }),
    reference: (arrays) => multiply(arrays.a, arrays.b),
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
  const one: Case = { a: [2, 67, 19], b: [19, 70], batch: [2], size: [67, 70, 19] };
  const multiply = product(one);
  const back = product({
    ...one,
    b: [70, 19],
    size: [67, 19, 70],
    transposeB: true,
    a: [2, 67, 70],
  });
  await checkOp(
    {
      ...caseOf(one),
      name: "matmul of several tiles",
      reference: ({ a, b }) => multiply(a, b),
      referenceGradients: ({ a, b }, dy) => {
        const db = new Float64Array(b.length);
        for (let s = 0; s < 2; s++)
          for (let i = 0; i < 67; i++)
            for (let d = 0; d < 19; d++)
              for (let j = 0; j < 70; j++)
                db[d * 70 + j] += a[(s * 67 + i) * 19 + d] * dy[(s * 67 + i) * 70 + j];
        return { a: back(dy, b), b: db };
      },
    },
    { each: false },
  );
});

test("linear equals the reference, with the gradients of weight and bias", async () => {
  const multiply = product({ a: [6, 5], b: [3, 5], transposeB: true, size: [6, 3, 5] });
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
        multiply(x, weight).map((value, i) => value + bias[i % 3]),
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
