import { test } from "uvu";
import * as assert from "uvu/assert";
import { input } from "../../../src/graph/tensor.js";
import { scaleBy } from "../../../src/ops/index.js";
import { checkOp } from "../../check-op.js";
import { messageOf } from "../../errors.js";

test("scaleBy multiplies images and dense tensors by a factor of the GPU", async () => {
  for (const shape of [[1, 2, 3, 5], [7]]) {
    await checkOp({
      name: `scale-by ${shape}`,
      inputs: {
        x: { shape, differentiable: false },
        factor: { shape: [1], values: [-2.5], differentiable: false },
      },
      build: ({ x, factor }) => scaleBy(x, factor),
      reference: ({ x }) => x.map((value) => -2.5 * value),
    });
  }
  assert.is(
    messageOf(() => scaleBy(input("x", [3]), input("f", [2]))),
    "scale-by: the factor must be a dense [1], got dense [2]",
  );
});

test.run();
