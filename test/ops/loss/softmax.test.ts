import { test } from "uvu";
import * as assert from "uvu/assert";
import { softmaxReference } from "../../../src/check/references/softmax-reference.js";
import { elementCount, input, type Shape } from "../../../src/graph/tensor.js";
import { softmax } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";
import { noise } from "../../numbers.js";

const caseOf = (shape: Shape, factor = 1): OpCase => ({
  name: `softmax ${shape}, inputs to ${factor}`,
  inputs: { x: { shape, values: noise(elementCount(shape), 3).map((value) => value * factor) } },
  build: ({ x }) => softmax(x),
  reference: ({ x }) => softmaxReference(shape, x),
});

test("softmax equals the reference at odd sizes, forward and gradient", async () => {
  await checkOp(caseOf([2, 2, 5, 7]));
  await checkOp(caseOf([1, 5, 3, 37]));
  await checkOp(caseOf([2, 3, 2, 32], 5));
});

test("softmax of one channel is 1", async () => {
  await checkOp({
    ...caseOf([1, 1, 3, 5]),
    reference: ({ x }) => x.map(() => 1),
  });
});

test("softmax stays finite for inputs of 1e4", async () => {
  const shape = [1, 2, 2, 3];
  const x = [1e4, -1e4, 1e4, 0, -1e4, 1e4, /**/ 1e4, 1e4, -1e4, -1e4, 0, 9999];
  await checkOp({
    name: "softmax of large inputs",
    inputs: { x: { shape, values: x } },
    build: (t) => softmax(t.x),
    reference: (a) => softmaxReference(shape, a.x),
  });
});

test("softmax refuses a dense tensor by its shape", () => {
  assert.is(
    messageOf(() => softmax(input("x", [4, 5]))),
    "softmax: input must be an image tensor [N,C,H,W], got a dense [4,5]",
  );
});

test.run();
