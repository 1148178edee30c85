import { test } from "uvu";
import * as assert from "uvu/assert";
import { input } from "../../../src/graph/tensor.js";
import { add } from "../../../src/ops/index.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { messageOf } from "../../errors.js";

const caseOf = (shape: readonly number[]): OpCase => ({
  name: `add ${shape}`,
  inputs: { a: { shape }, b: { shape } },
  build: ({ a, b }) => add(a, b),
  reference: ({ a, b }) => a.map((value, i) => value + b[i]),
});

test("add equals the reference for images of odd sizes and for dense tensors", async () => {
  await checkOp(caseOf([2, 3, 5, 7]));
  await checkOp(caseOf([1, 2, 3, 37]));
  await checkOp(caseOf([13]));
  await checkOp(caseOf([3, 5]));
});

test("add of a tensor to itself has the gradient 2 dy", async () => {
  await checkOp({
    name: "add x + x",
    inputs: { x: { shape: [1, 2, 3, 5] } },
    build: ({ x }) => add(x, x),
    reference: ({ x }) => x.map((value) => 2 * value),
  });
});

test("add names both orders and shapes when they differ", () => {
  const x = input("x", [2, 3, 9, 7]);
  assert.is(
    messageOf(() => add(x, input("b", [2, 3, 9, 8]))),
    "add: the shapes differ: image [2,3,9,7] and image [2,3,9,8]",
  );
  assert.is(
    messageOf(() => add(x, input("b", [2, 3, 9, 7], "dense"))),
    "add: the shapes differ: image [2,3,9,7] and dense [2,3,9,7]",
  );
});

test.run();
