// Products of matrices and softmax of rows as cases with references in 64 bits.

import { elementCount, type Shape } from "../graph/tensor.js";
import { noise } from "../graph/uniform-noise.js";
import { logSoftmax, softmax } from "../ops/loss/softmax-axes.js";
import { linear, matmul } from "../ops/matmul/matmul.js";
import type { KernelCase } from "./op-case.js";

/** A matrix [rows, columns] of sums of `length` products. */
function sums(
  rows: number,
  columns: number,
  length: number,
  of: (row: number, column: number, at: number) => number,
): Float64Array {
  return Float64Array.from({ length: rows * columns }, (_, i) => {
    let sum = 0;
    for (let at = 0; at < length; at++) sum += of(Math.floor(i / columns), i % columns, at);
    return sum;
  });
}

/** A product of matrices. */
export function product(m: number, k: number, n: number): KernelCase {
  return {
    name: `matmul ${m}x${k} by ${k}x${n}`,
    inputs: { a: { shape: [m, k], layout: "dense" }, b: { shape: [k, n], layout: "dense" } },
    build: ({ a, b }) => matmul(a, b),
    reference: ({ a, b }) => sums(m, n, k, (r, c, l) => a[r * k + l] * b[l * n + c]),
    referenceGradients: ({ a, b }, dy) => ({
      a: sums(m, k, n, (r, c, l) => dy[r * n + l] * b[c * n + l]),
      b: sums(k, n, m, (r, c, l) => a[l * k + r] * dy[l * n + c]),
    }),
  };
}

/** A product of matrices with a bias: a linear layer, whose weight is [n,k]. */
export function withBias(m: number, k: number, n: number): KernelCase {
  return {
    name: `linear ${m}x${k} to ${n}`,
    inputs: {
      x: { shape: [m, k], layout: "dense" },
      weight: { shape: [n, k], layout: "dense" },
      bias: { shape: [n] },
    },
    build: (t) => linear(t.x, t.weight, t.bias),
    reference: ({ x, weight, bias }) =>
      sums(m, n, k, (r, c, l) => x[r * k + l] * weight[c * k + l]).map(
        (sum, i) => sum + bias[i % n],
      ),
    referenceGradients: ({ x, weight }, dy) => ({
      x: sums(m, k, n, (r, c, l) => dy[r * n + l] * weight[l * k + c]),
      weight: sums(n, k, m, (r, c, l) => dy[l * n + r] * x[l * k + c]),
      bias: sums(1, n, m, (_, c, l) => dy[l * n + c]),
    }),
  };
}

/** Softmax of the rows of a dense tensor, or its logarithm. */
export function rowwise(isLog: boolean, shape: Shape): KernelCase {
  const length = shape[shape.length - 1];
  const count = elementCount(shape);
  // The second row begins with a number whose exp overflows, and from which those of others underflow.
  const values = noise(count, 23).map((value, i) => (i === length ? 100 : 4 * value));
  return {
    name: `${isLog ? "log-softmax" : "softmax"} of rows ${shape}`,
    inputs: { x: { shape, layout: "dense", values } },
    build: ({ x }) => (isLog ? logSoftmax : softmax)(x, { axis: -1 }),
    reference: ({ x }) => {
      const y = new Float64Array(count);
      for (let begin = 0; begin < count; begin += length) {
        const row = x.subarray(begin, begin + length);
        const largest = Math.max(...row);
        const sum = row.reduce((all, value) => all + Math.exp(value - largest), 0);
        const share = (v: number) => (isLog ? v - Math.log(sum) : Math.exp(v) / sum);
        y.set(
          row.map((value) => share(value - largest)),
          begin,
        );
      }
      return y;
    },
  };
}
