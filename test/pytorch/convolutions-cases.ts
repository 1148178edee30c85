import type { Shape } from "../../src/graph/tensor.js";
import { convTranspose2d } from "../../src/ops/convolution/conv-transpose2d.js";
import type { Pair } from "../../src/ops/convolution/convolution-attributes.js";
import { conv2d, type Sides } from "../../src/ops/convolution/general-conv2d.js";
import { linear, matmul } from "../../src/ops/matmul/matmul.js";
import { graphCase, type PyTorchCase } from "./pytorch-case.js";

const X: Shape = [1, 4, 5, 7];
const dense = (...shape: number[]) => ({ shape, layout: "dense" as const });

/** Every combination of one value from each list, the last list fastest. */
function combinations<Lists extends readonly (readonly unknown[])[]>(
  ...lists: Lists
): { [I in keyof Lists]: Lists[I][number] }[] {
  return lists.reduce<unknown[][]>(
    (rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])),
    [[]],
  ) as never;
}

const nameOf = (op: string, ...values: unknown[]) =>
  `${op}${values.map((value) => JSON.stringify(value)).join("")}`;

const KERNELS: Pair[] = [
  [3, 3],
  [2, 3],
];
const DILATIONS: Pair[] = [
  [1, 1],
  [2, 1],
];
const PADDINGS: Sides[] = [
  [0, 0, 0, 0],
  [1, 2, 3, 1],
];
const STRIDES: Pair[] = [
  [1, 1],
  [2, 2],
];

const strided = combinations(KERNELS, STRIDES, DILATIONS, [1, 2], PADDINGS).map(
  ([kernel, stride, dilation, groups, padding]) =>
    graphCase(
      nameOf("conv2d", kernel, stride, dilation, groups, padding),
      [X, dense(2, 4 / groups, ...kernel), [2]],
      (x, weight, bias) => conv2d(x, weight, bias, { stride, dilation, groups, padding }),
    ),
);

const PADDING_PAIRS: (readonly [Pair, Pair])[] = [
  [
    [0, 0],
    [0, 0],
  ],
  [
    [1, 1],
    [1, 0],
  ],
];

const transposed = combinations(
  [
    [3, 3],
    [2, 4],
  ] as Pair[],
  [
    [1, 1],
    [2, 3],
  ] as Pair[],
  DILATIONS,
  [1, 2],
  PADDING_PAIRS,
).flatMap(([kernel, stride, dilation, groups, [padding, outputPadding]]) => {
  if (outputPadding[0] >= Math.max(stride[0], dilation[0])) return [];
  return graphCase(
    nameOf("convTranspose2d", kernel, stride, dilation, groups, padding, outputPadding),
    [[1, 2, 3, 4], dense(2, 2 / groups, ...kernel), [2]],
    (x, weight, bias) =>
      convTranspose2d(x, weight, bias, { stride, dilation, groups, padding, outputPadding }),
  );
});

const PRODUCTS: (readonly [Shape, Shape])[] = [
  [
    [3, 5],
    [5, 4],
  ],
  [[5], [5]],
  [[5], [2, 5, 3]],
  [[2, 3, 5], [5]],
  [
    [2, 1, 3, 5],
    [3, 5, 2],
  ],
];

export const convolutions: readonly PyTorchCase[] = [
  ...strided,
  graphCase("conv2d depthwise", [X, dense(8, 1, 3, 3), [8]], (x, weight, bias) =>
    conv2d(x, weight, bias, { padding: 1, groups: 4 }),
  ),
  graphCase("conv2d same", [X, dense(2, 4, 4, 2)], (x, weight) =>
    conv2d(x, weight, undefined, { padding: "same", dilation: [1, 2] }),
  ),
  graphCase("conv2d 1x5 relu", [X, dense(2, 4, 1, 5), [2]], (x, weight, bias) =>
    conv2d(x, weight, bias, { activation: "relu" }),
  ),
  ...(["reflect", "replicate", "circular"] as const).map((paddingMode) =>
    graphCase(`conv2d ${paddingMode}`, [X, dense(2, 4, 3, 3), [2]], (x, weight, bias) =>
      conv2d(x, weight, bias, { padding: [1, 2, 3, 1], paddingMode }),
    ),
  ),
  ...transposed,
  graphCase("convTranspose2d 2x2 relu", [[1, 2, 3, 4], dense(2, 3, 2, 2), [3]], (x, weight, bias) =>
    convTranspose2d(x, weight, bias, { stride: 2, activation: "relu" }),
  ),
  ...PRODUCTS.map(([a, b]) =>
    graphCase(nameOf("matmul", a, b), [dense(...a), dense(...b)], (x, y) => matmul(x, y)),
  ),
  graphCase("matmul of transposed", [dense(2, 5, 3), dense(4, 5)], (a, b) =>
    matmul(a, b, { transposeA: true, transposeB: true }),
  ),
  graphCase("linear", [dense(2, 3, 5), dense(4, 5), [4]], (x, weight, bias) =>
    linear(x, weight, bias),
  ),
];
