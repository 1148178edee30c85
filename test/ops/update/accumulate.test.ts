import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { accumulate } from "../../../src/ops/update/accumulate.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

/** The state of the mean after each batch, from one that begins as NaN. */
async function means(
  batches: readonly { readonly value: Float32Array; readonly batch: readonly number[] }[],
): Promise<Float32Array[]> {
  const device = await testDevice();
  const count = batches[0].value.length;
  const states = { mean: stateBuffer(device, "mean", new Float32Array(count).fill(Number.NaN)) };
  const mean = stateTensor("mean", [count], "mean");
  const node = accumulate(input("value", [count]), input("batch", [3]), mean);
  const plan = await compilePlan(device, { name: "mean", outputs: [], updates: [node], states });
  const results: Float32Array[] = [];
  for (const inputs of batches) {
    plan.run(inputs);
    results.push((await readBuffer(device, states.mean, 0, states.mean.size)).slice(0, count));
  }
  plan.close();
  states.mean.destroy();
  return results;
}

test("the mean is that of the values by their weights; the first value of a step starts a new mean", async () => {
  for (const count of [1, 4, 1003]) {
    const weights = [5, 1, 0, 17, 3];
    const values = weights.map((_, i) => noise(count, i + 1));
    const sums = weights.map((_, i) => weights.slice(0, i + 1).reduce((sum, w) => sum + w, 0));
    const batches = [0, 1].flatMap((step) =>
      values.map((value, i) => ({ value, batch: [step, 2 * i, weights[i] / sums[i]] })),
    );
    const expected = new Float64Array(count);
    const results = await means(batches);
    for (const [i, result] of results.entries()) {
      const k = i % weights.length;
      if (k === 0) expected.fill(0);
      for (let j = 0; j < count; j++) expected[j] += weights[k] * values[k][j];
      const mean = expected.map((sum) => sum / sums[k]);
      // A few roundings of 32 bits per batch.
      const off = relativeError(result, mean);
      assert.ok(off < 5e-7, `${count} values, batch ${i}: off by ${off}`);
    }
    assert.equal(results.slice(weights.length), results.slice(0, weights.length), "to the bit");
  }
});

test("what is infinite in one batch is not finite after the others, and is gone in the next step", async () => {
  for (const bad of [Infinity, -Infinity, Number.NaN]) {
    const good = noise(9, 3);
    const spoilt = good.map((value, i) => (i === 5 ? bad : value));
    const batches = [spoilt, spoilt, good, good].map((value, i) => {
      return { value, batch: [Math.floor(i / 3), i % 3, 1 / ((i % 3) + 1)] };
    });
    const results = await means(batches);
    assert.equal(
      results.map((result) => Array.from(result, Number.isFinite).indexOf(false)),
      [5, 5, 5, -1],
      `${bad}`,
    );
  }
});

test("a mean of another shape than the value is an error with both shapes", () => {
  const [value, batch] = [input("value", [8]), input("batch", [3])];
  assert.is(
    messageOf(() => accumulate(value, batch, stateTensor("mean", [9], "mean"))),
    "accumulate: mean must be a dense [8], got dense [9]",
  );
});

test.run();
