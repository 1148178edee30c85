import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { input } from "../../../src/graph/tensor.js";
import { scale } from "../../../src/ops/index.js";
import { checkOp } from "../../check-op.js";
import { testDevice } from "../../device.js";

test("scale multiplies every element and its gradient by the factor", async () => {
  for (const [shape, factor] of [
    [[2, 3, 5, 7], -1.5],
    [[1, 1, 2, 33], 0],
    [[9], 1e-3],
  ] as const) {
    await checkOp({
      name: `scale ${shape} by ${factor}`,
      inputs: { x: { shape } },
      build: ({ x }) => scale(x, factor),
      reference: ({ x }) => x.map((value) => factor * value),
    });
  }
});

// 65,535 workgroups of 64 invocations of four floats: one more needs a second row of workgroups.
test("scale covers a tensor of more workgroups than one dimension holds", async () => {
  const device = await testDevice();
  const count = 65535 * 64 * 4 + 5;
  const x = input("x", [count]);
  const y = scale(x, 2);
  const plan = await compilePlan(device, { name: "large", outputs: [y] });
  try {
    const values = Float32Array.from({ length: count }, (_, i) => i & 0xffff);
    plan.run({ x: values });
    const got = await plan.read(y);
    assert.is(
      got.findIndex((value, i) => value !== 2 * values[i]),
      -1,
    );
  } finally {
    plan.close();
  }
});

test.run();
