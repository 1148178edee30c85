import * as ops from "../../src/operations.js";
import { graphCase, integers, type PyTorchCase, values } from "./pytorch-case.js";

const { abs, mul } = ops;
const shape = [2, 3, 4, 5];
const labels = { shape: [2, 1, 4, 5], values: integers([2, 1, 4, 5], 3, 2) };
const positive = { shape, values: values(shape, 7).map(Math.abs) };
const hard = { shape, values: positive.values.map((value) => Number(value > 0.5)) };

const classWeights = [0.5, 2, 1.25];
const variants: Readonly<Record<string, ops.CrossEntropyOptions>> = {
  plain: {},
  weighted: { classWeights },
  "smoothed, weighted, ignoring": { classWeights, labelSmoothing: 0.1, ignoreIndex: 1 },
  sum: { reduction: "sum", ignoreIndex: 2 },
  none: { reduction: "none", labelSmoothing: 0.2 },
};

export const losses: readonly PyTorchCase[] = [
  graphCase("softmax of rows", [shape], (x) => ops.softmax(mul(x, 9), { axis: 2 })),
  graphCase("softmax of a dense tensor", [[4, 6]], (x) => ops.softmax(mul(x, 9), { axis: -1 })),
  graphCase("logSoftmax of channels", [shape], (x) => ops.logSoftmax(mul(x, 200))),
  graphCase("logSoftmax of columns", [shape], (x) => ops.logSoftmax(mul(x, 9), { axis: 3 })),
  graphCase("logSumExp", [shape], (x) => ops.logSumExp(mul(x, 99), { axes: [2, 3] })),
  ...Object.entries(variants).map(([name, options]) =>
    graphCase(`crossEntropy ${name}`, [shape, labels], (x, label) =>
      ops.crossEntropy(mul(x, 20), label, options),
    ),
  ),
  graphCase(
    "crossEntropy of dense logits",
    [[6, 4], { shape: [6], values: integers([6], 4) }],
    (x, label) => ops.crossEntropy(x, label),
  ),
  graphCase(
    "crossEntropy of 3 axes",
    [[2, 3, 5], { shape: [2, 5], values: integers([2, 5], 3) }],
    (x, label) => ops.crossEntropy(x, label),
  ),
  graphCase("crossEntropy of soft labels", [shape, shape], (x, t) =>
    ops.crossEntropy(x, ops.square(t), { classWeights, labelSmoothing: 0.1 }),
  ),
  graphCase("bceWithLogits", [shape, shape], (x, t) => ops.bceWithLogits(mul(x, 99), abs(t))),
  graphCase(
    "bceWithLogits weighted",
    [shape, positive, { shape: [3, 1, 1], values: classWeights }],
    (x, t, positiveWeight) =>
      ops.bceWithLogits(x, t, { weight: t, positiveWeight, reduction: "sum" }),
  ),
  graphCase("focal", [shape, hard], (x, t) => ops.focal(x, t)),
  graphCase("dice", [shape, positive], (x, t) => ops.dice(ops.sigmoid(x), t)),
  graphCase("tversky of the batch", [shape, positive], (x, t) =>
    ops.tversky(ops.sigmoid(x), t, {
      ...{ axes: [0, 2, 3], alpha: 0.3, beta: 0.7, reduction: "none" },
    }),
  ),
  graphCase("l1Loss", [shape, shape], (a, b) => ops.l1Loss(a, b)),
  graphCase("mseLoss", [shape, shape], (a, b) => ops.mseLoss(a, b, { reduction: "sum" })),
  graphCase("smoothL1Loss", [shape, shape], (a, b) => ops.smoothL1Loss(a, b, { beta: 0.5 })),
  graphCase("a sum of losses with factors", [shape, labels, positive], (x, label, t) =>
    ops.add(mul(ops.crossEntropy(x, label), 0.3), mul(ops.mseLoss(x, t), 2)),
  ),
];
