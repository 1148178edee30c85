import { test } from "uvu";
import * as assert from "uvu/assert";
import { input, type Shape } from "../../src/graph/tensor.js";
import { channelSum, gradients } from "../../src/ops/index.js";
import { checkOp, type OpCase } from "../check-op.js";
import { messageOf } from "../errors.js";

// The sum is the gradient of a bias and has none of its own.
const caseOf = (shape: Shape): OpCase => ({
  name: `channel-sum ${shape}`,
  inputs: { x: { shape, differentiable: false } },
  build: ({ x }) => channelSum(x),
  reference: ({ x }) => {
    const [, c, h, w] = shape;
    const sums = new Float64Array(c);
    for (let i = 0; i < x.length; i++) sums[Math.floor(i / (h * w)) % c] += x[i];
    return sums;
  },
});

test("channel-sum equals the reference at odd sizes", async () => {
  await checkOp(caseOf([2, 3, 5, 7]));
  await checkOp(caseOf([1, 1, 1, 1]));
  await checkOp(caseOf([1, 2, 3, 37]));
});

test("channel-sum adds the parts of many rows and channels", async () => {
  await checkOp(caseOf([2, 16, 98, 98]));
  await checkOp(caseOf([1, 130, 12, 12]));
});

test("channel-sum refuses a dense tensor, and names its node where a gradient is asked", () => {
  assert.is(
    messageOf(() => channelSum(input("x", [4, 5]))),
    "channel-sum: input must be an image tensor [N,C,H,W], got a dense [4,5]",
  );
  const x = input("x", [1, 3, 2, 2]);
  const y = channelSum(x, "db");
  assert.is(
    messageOf(() => gradients(y, [x], input("seed", [3]))),
    "gradients: channel-sum (node db) has no gradient",
  );
});

test.run();
