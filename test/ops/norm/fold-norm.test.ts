import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { input } from "../../../src/graph/tensor.js";
import { batchNorm, conv2d, foldBatchNorm, upConv2d } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";

const x = input("x", [1, 2, 6, 8]);
const [mean, variance] = [input("mean", [3]), input("variance", [3])];
const [gain, shift] = [input("gain", [3]), input("shift", [3])];
const running = { mean, variance };
const VALUES = {
  x: noise(96, 1),
  mean: noise(3, 2),
  variance: noise(3, 3).map((v) => v * v + 0.1),
  gain: noise(3, 4),
  shift: noise(3, 5),
};

test("a folded convolution gives what convolution and norm give, with and without their options", async () => {
  const device = await testDevice();
  const weight = input("weight", [3, 2, 3, 3], "dense");
  const bias = input("bias", [3]);
  const up = input("up", [2, 3, 2, 2], "dense");
  const affine = { gain, bias: shift, epsilon: 0.01 };
  const whole = foldBatchNorm(weight, bias, { running, ...affine });
  const bare = foldBatchNorm(weight, undefined, { running });
  const upper = foldBatchNorm(up, bias, { running, ...affine, transposed: true });
  const fixed = { running, training: false };
  const pairs = [
    [
      conv2d(x, whole.weight, whole.bias, { padding: "same", activation: "relu" }),
      batchNorm(conv2d(x, weight, bias, { padding: "same" }), {
        ...fixed,
        ...affine,
        activation: "relu",
      }).y,
    ],
    [conv2d(x, bare.weight, bare.bias), batchNorm(conv2d(x, weight), fixed).y],
    [
      upConv2d(x, upper.weight, upper.bias),
      batchNorm(upConv2d(x, up, bias), { ...fixed, ...affine }).y,
    ],
  ];
  const plan = await compilePlan(device, { name: "folded", outputs: pairs.flat() });
  plan.run({ ...VALUES, weight: noise(54, 6), bias: noise(3, 7), up: noise(24, 8) });
  for (const [folded, apart] of pairs) {
    const expected = await plan.read(apart);
    // Two orders of the same products.
    assert.ok(relativeError(await plan.read(folded), Float64Array.from(expected)) < 2e-6);
  }
  plan.close();
});

test("what does not fit is an error that names it", () => {
  const weight = input("weight", [4, 2, 3, 3], "dense");
  assert.is(
    messageOf(() => foldBatchNorm(weight, undefined, { running })),
    "foldBatchNorm: running.mean must be a dense [4], got dense [3]",
  );
  assert.is(
    messageOf(() => foldBatchNorm(x, undefined, { running })),
    "foldBatchNorm: weight must be a dense [O,I,...], got image [1,2,6,8]",
  );
});

test.run();
