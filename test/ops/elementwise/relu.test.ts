import { test } from "uvu";
import * as assert from "uvu/assert";
import { input } from "../../../src/graph/tensor.js";
import { reluGradient } from "../../../src/ops/elementwise/relu.js";
import { relu } from "../../../src/ops/index.js";
import { checkOp } from "../../check-op.js";
import { messageOf } from "../../errors.js";

test("relu equals the reference for images of odd sizes and for dense tensors", async () => {
  for (const shape of [[2, 3, 5, 7], [1, 2, 3, 66], [11]]) {
    await checkOp({
      name: `relu ${shape}`,
      inputs: { x: { shape } },
      build: ({ x }) => relu(x),
      reference: ({ x }) => x.map((value) => Math.max(0, value)),
      epsilon: 1e-7, // away from the kink at 0
    });
  }
});

test("relu passes no gradient at 0", async () => {
  await checkOp({
    name: "relu at 0",
    inputs: { x: { shape: [6], values: [-1, 0, -0, 1e-30, 2, -1e-30] } },
    build: ({ x }) => relu(x),
    reference: ({ x }) => x.map((value) => Math.max(0, value)),
    referenceGradients: ({ x }, dy) => ({ x: dy.map((value, i) => (x[i] > 0 ? value : 0)) }),
  });
});

test("relu's gradient names both shapes when they differ", () => {
  assert.is(
    messageOf(() => reluGradient(input("y", [1, 2, 3, 4]), input("dy", [1, 2, 3, 5]))),
    "relu-gradient: the shapes differ: [1,2,3,4] and [1,2,3,5]",
  );
});

test.run();
