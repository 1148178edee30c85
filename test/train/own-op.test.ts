// An op with its own WGSL (examples/own-op.ts) takes part in everything that ops do.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { softClip, trainClipped } from "../../examples/own-op.js";
import { planDispatches } from "../../src/gpu/planned-dispatches.js";
import { input } from "../../src/graph/tensor.js";
import { imagesInHalves } from "../../src/ops/elementwise/cast.js";
import { gradients, relu } from "../../src/ops/index.js";
import { checkOp, type OpCase } from "../check-op.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";

const clipped = (limit: number): OpCase => ({
  name: `soft-clip ${limit}`,
  inputs: { x: { shape: [2, 3, 5, 37] } },
  build: ({ x }) => softClip(x, limit),
  reference: ({ x }) => x.map((value) => limit * Math.tanh(value / limit)),
});

test("a custom op has the values, the gradient and the padding that it should", async () => {
  await checkOp(clipped(0.5));
  await checkOp({ ...clipped(2), name: "soft-clip in 16 bits", pack: imagesInHalves });
  assert.is(
    messageOf(() => softClip(input("x", [1, 1, 4, 4]), 0)),
    "soft-clip: the limit must be above 0, got 0",
  );
});

test("a mask after a custom op stays a separate pass, since its kernel cannot fuse it", async () => {
  const x = input("x", [1, 1, 8, 8]);
  const y = softClip(relu(x), 1);
  const outputs = gradients(y, [x], input("seed", y.shape)).filter(
    (tensor) => tensor !== undefined,
  );
  const steps = planDispatches(await testDevice(), { name: "own", outputs });
  assert.equal(
    steps.map(({ dispatch }) => dispatch.shader.name),
    ["relu", "soft-clip", "soft-clip-gradient", "relu-gradient"],
  );
});

test("a network with a custom op trains, also recomputed and in 16 bits", async () => {
  const device = await testDevice();
  const losses = await trainClipped(device, 16);
  const mean = (from: number) => (losses[from] + losses[from + 1] + losses[from + 2]) / 3;
  assert.ok(mean(13) < 0.9 * mean(0), `the losses are ${Array.from(losses)}`);
  const again = await trainClipped(device, 16, { recompute: true });
  assert.equal(Array.from(again), Array.from(losses), "the same bits");
  const half = await trainClipped(device, 16, { precision: "f16", accumulate: 2 });
  assert.ok(Array.from(half).every(Number.isFinite), `the losses are ${Array.from(half)}`);
  device.check();
});

test.run();
