import type { Tensor } from "../../src/graph/tensor.js";
import * as ops from "../../src/operations.js";
import { abs, mul } from "../../src/operations.js";
import { graphCase, type PyTorchCase } from "./pytorch-case.js";

const shape = [1, 2, 3, 5];

const functions: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  exp: (x) => ops.exp(x),
  log: (x) => ops.log(abs(x)),
  sqrt: (x) => ops.sqrt(abs(x)),
  rsqrt: (x) => ops.rsqrt(abs(x)),
  square: (x) => ops.square(x),
  abs: (x) => abs(x),
  "pow 3": (x) => ops.pow(x, 3),
  "pow -2.5": (x) => ops.pow(abs(x), -2.5),
  "pow 7": (x) => ops.pow(x, 7),
  clip: (x) => ops.clip(x, -2, 5),
  sigmoid: (x) => ops.sigmoid(x),
  logSigmoid: (x) => ops.logSigmoid(x),
  tanh: (x) => ops.tanh(x),
  leakyRelu: (x) => ops.leakyRelu(x, 0.2),
  elu: (x) => ops.elu(x, 1.5),
  gelu: (x) => ops.gelu(x),
  "gelu tanh": (x) => ops.gelu(x, "tanh"),
  silu: (x) => ops.silu(x),
  hardSwish: (x) => ops.hardSwish(x),
  hardSigmoid: (x) => ops.hardSigmoid(x),
  softplus: (x) => ops.softplus(x, 2),
};

export const formulas: readonly PyTorchCase[] = [
  ...Object.entries(functions).map(([name, build]) =>
    graphCase(name, [shape], (x) => build(mul(x, 8))),
  ),
  graphCase("tanh, gelu and softplus of large x", [shape], (x) => {
    const far = mul(mul(x, abs(x)), 120);
    return ops.add(ops.tanh(far), mul(ops.gelu(far), ops.softplus(far)));
  }),
  graphCase(
    "sub broadcast",
    [
      [2, 3, 4, 5],
      [3, 1, 1],
    ],
    (a, b) => ops.sub(a, b),
  ),
  graphCase(
    "mul broadcast",
    [
      [2, 1, 4, 5],
      [1, 3, 1, 1],
    ],
    (a, b) => mul(a, b),
  ),
  graphCase(
    "div broadcast",
    [
      [3, 4],
      [2, 1, 1],
    ],
    (a, b) => ops.div(a, b),
  ),
  graphCase("maximum of equal ones", [[2, 3, 4, 5]], (a) =>
    ops.maximum(mul(abs(a), a), ops.square(a)),
  ),
  graphCase(
    "where and minimum",
    [
      [2, 3, 4, 5],
      [2, 1, 4, 5],
    ],
    (a, b) => ops.where(ops.greater(a, b), a, ops.minimum(a, ops.square(b))),
  ),
  graphCase("mean over rows and columns", [[2, 3, 4, 5]], (x) => ops.mean(x, { axes: [2, 3] })),
  graphCase("amax with equal ones", [[2, 3, 4, 5]], (x) =>
    ops.max(ops.clip(x, -0.5, 0.5), { axes: [0, 3] }),
  ),
  graphCase("amin of a dense tensor", [[4, 3, 5]], (x) =>
    ops.min(ops.clip(abs(x), 0.4, 1), { axes: [0, 2], keepDims: true }),
  ),
];
