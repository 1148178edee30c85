// The losses of micrograph/ops; test/pytorch compares their variants with PyTorch.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { input, type Shape } from "../../../src/graph/tensor.js";
import {
  bceWithLogits,
  crossEntropy,
  dice,
  gradients,
  l1Loss,
  logSumExp,
  oneHot,
  softmax,
} from "../../../src/operations.js";
import { checkOp } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";

const log1p = (x: number) => Math.log(1 + Math.exp(-Math.abs(x))) + Math.max(x, 0);

test("losses have the gradients of their references", async () => {
  const shape = [1, 2, 3, 5];
  await checkOp({
    name: "cross-entropy with smoothing",
    inputs: {
      x: { shape },
      label: {
        ...{ shape: [1, 1, 3, 5], differentiable: false },
        values: Array.from({ length: 15 }, (_, i) => i % 3),
      },
    },
    build: (t) => crossEntropy(t.x, t.label, { ignoreIndex: 2, labelSmoothing: 0.2 }),
    reference({ x, label }) {
      let total = 0;
      for (let i = 0; i < 15; i++) {
        if (label[i] === 2) continue;
        const loss = [0, 1].map((k) => log1p(x[15 * (1 - k) + i] - x[15 * k + i]));
        total += 0.9 * loss[label[i]] + 0.1 * loss[1 - label[i]];
      }
      return [total / 10];
    },
  });
  await checkOp({
    name: "binary cross-entropy",
    inputs: { x: { shape: [7] }, t: { shape: [7], values: [0, 1, 0.5, 0.25, 1, 0, 0.75] } },
    build: (t) => bceWithLogits(t.x, t.t, { positiveWeight: 3 }),
    reference: ({ x, t }) => [
      x.reduce((sum, v, i) => sum + 3 * t[i] * log1p(-v) + (1 - t[i]) * log1p(v), 0) / 7,
    ],
  });
});

test("dice of a label and its own oneHot is 0", async () => {
  const shape: Shape = [1, 1, 2, 5];
  const values = [0, 1, 2, 2, 1, 0, 0, 1, 2, 2];
  await checkOp({
    name: "dice of oneHot",
    inputs: { label: { shape, values, differentiable: false } },
    build: ({ label }) => dice(oneHot(label, 3), oneHot(label, 3), { reduction: "none" }),
    reference: () => [0, 0, 0],
    tolerance: 1e-6,
  });
});

test("cross-entropy without pixels that count is 0, whatever their logits", async () => {
  const [logits, label] = [input("logits", [1, 2, 1, 4]), input("label", [1, 1, 1, 4])];
  const loss = crossEntropy(logits, label, { ignoreIndex: 255 });
  const [dlogits] = gradients(loss, [logits]);
  assert.ok(dlogits);
  const plan = await compilePlan(await testDevice(), { name: "empty", outputs: [loss, dlogits] });
  plan.run({
    logits: [1, Number.NaN, 1e38, 0, -1e38, Infinity, 3, 0],
    label: [255, 255, 255, 255],
  });
  assert.equal([...(await plan.read(loss))], [0]);
  assert.equal([...(await plan.read(dlogits))], new Array(8).fill(0));
  assert.is(
    messageOf(() => plan.run({ label: [0, 1, 2, 255] })),
    "crossEntropy: the label of pixel 2 is 2, expected a class from 0 to 1 or 255",
  );
  plan.close();
});

test("softmax and logSumExp stay finite for inputs of 1e4", async () => {
  const values = [1e4, -1e4, 9999, -1e4, -1e4, -1e4];
  const p = [0.7310585786, 0, 0.2689414214];
  await checkOp({
    name: "softmax of large dense inputs",
    inputs: { x: { shape: [2, 3], values, differentiable: false } },
    build: ({ x }) => softmax(x, { axis: 1 }),
    reference: () => [...p, 1 / 3, 1 / 3, 1 / 3],
  });
  await checkOp({
    name: "logSumExp of large inputs",
    inputs: { x: { shape: [2, 3], values, differentiable: false } },
    build: ({ x }) => logSumExp(x, { axes: 1 }),
    reference: () => [1e4 + 0.3132616875, -1e4 + Math.log(3)],
  });
});

test("errors of losses give the shapes and options that fit", () => {
  const logits = input("logits", [2, 3, 5, 7]);
  const said = (of: () => unknown) => messageOf(of);
  assert.is(
    said(() => crossEntropy(logits, input("label", [2, 1, 5, 8]))),
    "crossEntropy: the target must have class indices [2,1,5,7] or probabilities [2,3,5,7], got image [2,1,5,8]",
  );
  assert.is(
    said(() => crossEntropy(logits, input("label", [2, 1, 5, 7]), { classWeights: [1, 2] })),
    "crossEntropy: there are 2 class weights, expected one per class of 3",
  );
  assert.match(
    said(() => crossEntropy(logits, logits, { ignoreIndex: 0 })),
    /ignoreIndex is for class indices/,
  );
  assert.match(
    said(() => l1Loss(logits, input("b", [2, 3, 5, 8]))),
    /l1Loss: the target must be image \[2,3,5,7\] as logits, got image \[2,3,5,8\]/,
  );
  assert.match(
    said(() => l1Loss(logits, logits, { reduction: "average" as "mean" })),
    /l1Loss: the reduction must be mean or sum or none, got average/,
  );
});

test.run();
