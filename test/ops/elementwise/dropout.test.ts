import { test } from "uvu";
import * as assert from "uvu/assert";
import { dropoutMask } from "../../../src/check/references/dropout-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { elementCount, input, type Shape } from "../../../src/graph/tensor.js";
import { type DropoutOptions, dropout, gradients } from "../../../src/ops/index.js";
import { checkOp } from "../../check-op.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { relativeError } from "../../numbers.js";

const STEP = { shape: [4], values: [12, 0, 0, 0], differentiable: false };

test("dropout multiplies by the mask of its seed, stream and step", async () => {
  const cases: [Shape, DropoutOptions][] = [
    [[2, 3, 5, 7], { rate: 0.5, seed: 1, stream: 0 }],
    [[1, 2, 3, 37], { rate: 0.2, seed: 4_000_000_000, stream: 3 }],
    [[2, 2, 4, 32], { rate: 0.9, seed: -1, stream: 1 }],
  ];
  for (const [shape, options] of cases) {
    await checkOp({
      name: `dropout ${shape}, ${JSON.stringify(options)}`,
      inputs: { x: { shape }, step: STEP },
      build: (t) => dropout(t.x, t.step, options),
      reference: ({ x }) => {
        const mask = dropoutMask(x.length, 12, options);
        return x.map((value, i) => value * mask[i]);
      },
    });
  }
});

test("dropout at rate 0 is the identity", async () => {
  const options = { rate: 0, seed: 5, stream: 2 };
  await checkOp({
    name: "dropout at rate 0",
    inputs: { x: { shape: [1, 3, 4, 9] }, step: STEP },
    build: (t) => dropout(t.x, t.step, options),
    reference: ({ x }) => x,
    tolerance: 1e-6, // x / 1 may be off by 2.5 units in the last place
  });
});

/** Masks of ones for several steps: the output and, apart from it, the gradient. */
async function masks(options: DropoutOptions, steps: readonly number[], shape: Shape) {
  const x = input("x", shape);
  const step = input("step", [4]);
  const y = dropout(x, step, options);
  const dy = input("dy", shape);
  const [dx] = gradients(y, [x], dy);
  assert.ok(dx);
  const plan = await compilePlan(await testDevice(), { name: "masks", outputs: [y, dx] });
  const ones = new Float32Array(elementCount(shape)).fill(1);
  const results: { forward: Float32Array; backward: Float32Array }[] = [];
  for (const number of steps) {
    plan.run({ x: ones, dy: ones, step: [number, 0, 0, 0] });
    results.push({ forward: await plan.read(y), backward: await plan.read(dx) });
  }
  plan.close();
  return results;
}

test("dropout's mask in the gradient is the one of the forward pass, at every step", async () => {
  const results = await masks({ rate: 0.4, seed: 9, stream: 1 }, [1, 2, 100_000], [2, 3, 9, 33]);
  for (const { forward, backward } of results) assert.is(relativeError(backward, forward), 0);
});

// 65,536 draws: the share has a standard deviation below 0.002; the bound is five of them.
test("dropout drops about its rate, everywhere, and scales what it keeps", async () => {
  const shape = [2, 8, 64, 64];
  for (const rate of [0.1, 0.5]) {
    const [{ forward }] = await masks({ rate, seed: 3, stream: 0 }, [7], shape);
    const zeros = forward.filter((value) => value === 0).length / forward.length;
    assert.ok(Math.abs(zeros - rate) < 0.01, `rate ${rate}: ${zeros} are 0`);
    const kept = forward.filter((value) => value !== 0);
    assert.ok(kept.every((value) => Math.abs(value * (1 - rate) - 1) < 1e-6));
    // Neighbours are independent: both dropped with probability rate squared.
    let pairs = 0;
    for (let i = 0; i < forward.length; i += 2) pairs += Number(!forward[i] && !forward[i + 1]);
    const share = pairs / (forward.length / 2);
    assert.ok(Math.abs(share - rate * rate) < 0.015, `rate ${rate}: ${share} of pairs are 0`);
  }
});

test("the images of a step drop alike in one batch and in several", async () => {
  const [size, channels, height, width] = [5, 2, 3, 37];
  const image = channels * height * width;
  const options = { rate: 0.5, seed: 7, stream: 1 };
  for (const before of [0, 1, 3]) {
    const count = Math.min(2, size - before);
    await checkOp({
      name: `dropout after ${before} images`,
      inputs: {
        x: { shape: [count, channels, height, width] },
        step: { shape: [3], values: [12, before, 0.5], differentiable: false },
      },
      build: (t) => dropout(t.x, t.step, { ...options, before: 1 }),
      reference: ({ x }) => {
        const mask = dropoutMask(size * image, 12, options).slice(before * image);
        return x.map((value, i) => value * mask[i]);
      },
    });
  }
});

test("dropout drops others with another step, stream or seed", async () => {
  const base = { rate: 0.5, seed: 1, stream: 1 };
  const shape = [1, 4, 32, 32];
  const results = [
    ...(await masks(base, [1, 2], shape)),
    ...(await masks({ ...base, stream: 2 }, [1], shape)),
    ...(await masks({ ...base, seed: 2 }, [1], shape)),
  ].map(({ forward }) => forward);
  for (const [i, a] of results.entries()) {
    for (const b of results.slice(0, i)) {
      const same = a.filter((value, j) => value === b[j]).length / a.length;
      assert.ok(Math.abs(same - 0.5) < 0.05, `two masks agree at ${same} of the elements`);
    }
  }
  const [again] = await masks(base, [1], shape);
  assert.equal(again.forward, results[0]);
});

test("errors of dropout give the valid rates, inputs and steps", () => {
  const x = input("x", [1, 2, 3, 4]);
  const step = input("step", [4]);
  for (const rate of [1, -0.1, Number.NaN]) {
    assert.is(
      messageOf(() => dropout(x, step, { rate, seed: 1, stream: 0 })),
      `dropout: the rate must be from 0 to below 1, got ${rate}`,
    );
  }
  assert.is(
    messageOf(() => dropout(input("x", [4]), step, { rate: 0.5, seed: 1, stream: 0 })),
    "dropout: input must be an image tensor [N,C,H,W], got a dense [4]",
  );
  assert.is(
    messageOf(() => dropout(x, x, { rate: 0.5, seed: 1, stream: 0 })),
    "dropout: step must be a dense tensor, got image [1,2,3,4]",
  );
});

test.run();
