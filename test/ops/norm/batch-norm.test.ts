import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  normReference,
  statisticsReference,
} from "../../../src/check/references/norm-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { batchNorm } from "../../../src/ops/index.js";
import type { Sets } from "../../../src/ops/norm/norm-sets.js";
import { checkOp } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

const sets: Sets = { over: "batch", view: [2, 3, 35], groups: 1 };

test("prediction normalises by the running averages, which have no gradient through x", async () => {
  const fixed = { mean: [0.3, -0.2, 0], variance: [0.5, 2, 1] };
  await checkOp({
    name: "norm batch, fixed",
    inputs: {
      x: { shape: [2, 3, 5, 7] },
      gain: { shape: [3] },
      bias: { shape: [3] },
      mean: { shape: [3], values: fixed.mean, differentiable: false },
      variance: { shape: [3], values: fixed.variance, differentiable: false },
    },
    build: ({ x, gain, bias, mean, variance }) =>
      batchNorm(x, { gain, bias, training: false, running: { mean, variance } }).y,
    reference: ({ x, gain, bias }) => normReference(x, sets, { gain, bias, fixed }),
  });
});

test("training moves the running averages as the mean and unbiased variance of each batch say", async () => {
  const device = await testDevice();
  const states = {
    mean: stateBuffer(device, "mean", new Float32Array(3)),
    variance: stateBuffer(device, "variance", new Float32Array(3).fill(1)),
  };
  const running = {
    mean: stateTensor("mean", [3], "mean"),
    variance: stateTensor("variance", [3], "variance"),
  };
  const { y, updates } = batchNorm(input("x", [2, 3, 5, 7]), { running, momentum: 0.25 });
  const plan = await compilePlan(device, { name: "batch norm", outputs: [y], updates, states });
  const expected = { mean: [0, 0, 0], variance: [1, 1, 1] };
  for (const seed of [1, 2, 3]) {
    const x = noise(210, seed);
    plan.run({ x });
    const { mean, variance } = statisticsReference(x, sets);
    for (let c = 0; c < 3; c++) {
      expected.mean[c] += 0.25 * (mean[c] - expected.mean[c]);
      expected.variance[c] += 0.25 * ((variance[c] * 70) / 69 - expected.variance[c]);
    }
    for (const name of ["mean", "variance"] as const) {
      const found = await readBuffer(device, states[name], 0, 16);
      assert.ok(relativeError(found.slice(0, 3), expected[name]) < 1e-5, name);
    }
  }
  plan.close();
  for (const buffer of Object.values(states)) buffer.destroy();
});

test("a batch norm that cannot be is an error with what to do", () => {
  const x = input("x", [2, 3, 5, 7]);
  const three = input("three", [3]);
  assert.match(
    messageOf(() => batchNorm(x, { training: false })),
    "batchNorm: prediction needs running averages: pass running",
  );
  assert.is(
    messageOf(() => batchNorm(x, { running: { mean: three, variance: input("v", [4]) } })),
    "batchNorm: running.variance must be a dense [3], got dense [4]",
  );
  assert.match(
    messageOf(() => batchNorm(x, { running: { mean: three, variance: three } })),
    "lerp: three [3] is no state: make it with stateTensor",
  );
  assert.match(
    messageOf(() => batchNorm(input("x", [1, 3, 1, 1]))),
    "batchNorm: a channel of [1,3,1,1] is a single number",
  );
});

test.run();
