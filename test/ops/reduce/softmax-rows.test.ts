import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { input } from "../../../src/graph/tensor.js";
import { gradients, logSoftmax } from "../../../src/ops/index.js";
import { softmax } from "../../../src/ops/loss/softmax-axes.js";
import { checkOp, type OpCase } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { noise } from "../../numbers.js";

/** Rows of dense tensors, with numbers whose exponentials overflow if `times` is large. */
function rows(isLog: boolean, shape: readonly number[], times: number): OpCase {
  const length = shape[shape.length - 1];
  const count = shape.reduce((all, size) => all * size, 1);
  return {
    name: `${isLog ? "log-softmax" : "softmax"} of rows ${shape}, numbers to ${times}`,
    inputs: {
      x: { shape, layout: "dense", values: noise(count, 1).map((value) => value * times) },
    },
    build: ({ x }) => (isLog ? logSoftmax : softmax)(x, { axis: shape.length - 1 }),
    reference: ({ x }) => {
      const y = new Float64Array(count);
      for (let begin = 0; begin < count; begin += length) {
        const row = x.subarray(begin, begin + length);
        const largest = Math.max(...row);
        const all = row.reduce((total, other) => total + Math.exp(other - largest), 0);
        for (const [i, value] of row.entries()) {
          const v = value - largest;
          y[begin + i] = isLog ? v - Math.log(all) : Math.exp(v) / all;
        }
      }
      return y;
    },
  };
}

for (const isLog of [false, true]) {
  test(`${isLog ? "log-softmax" : "softmax"} of rows: shorter and longer than a workgroup, and of one number`, async () => {
    for (const shape of [
      [5, 3],
      [2, 3, 131],
      [70, 1],
      [1, 64],
    ])
      await checkOp(rows(isLog, shape, 3));
    await checkOp(rows(isLog, [3, 20], 100));
  });
}

test("a gradient of the gradient is that of central differences", async () => {
  const device = await testDevice();
  const length = 7;
  for (const of of [softmax, logSoftmax]) {
    const [x, seed, other] = ["x", "seed", "other"].map((name) =>
      input(name, [1, length], "dense"),
    );
    const y = of(x, { axis: -1 });
    const dx = gradients(y, [x], seed)[0];
    const ddx = dx && gradients(dx, [x], other)[0];
    if (!dx || !ddx) throw new Error("there is no gradient");
    const plan = await compilePlan(device, { name: "twice", outputs: [dx, ddx] });
    const values = noise(length, 2);
    const rest = { seed: noise(length, 3), other: noise(length, 4) };
    const first = async (from: Float32Array) => {
      plan.run({ x: from, ...rest });
      return plan.read(dx);
    };
    plan.run({ x: values, ...rest });
    const found = await plan.read(ddx);
    const step = 1e-2;
    for (let i = 0; i < length; i++) {
      const up = await first(values.map((v, k) => (k === i ? v + step : v)));
      const down = await first(values.map((v, k) => (k === i ? v - step : v)));
      const expected =
        up.reduce((all, value, k) => all + rest.other[k] * (value - down[k]), 0) / (2 * step);
      // The step is wide, since numbers have 32 bits.
      assert.ok(Math.abs(found[i] - expected) < 1e-3, `${found[i]}, expected ${expected}`);
    }
    plan.close();
  }
});

test.run();
