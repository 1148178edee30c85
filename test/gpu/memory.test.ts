import { test } from "uvu";
import * as assert from "uvu/assert";
import { poisonedDevice } from "../../src/check/poisoned-device.js";
import { maxPool2dReference } from "../../src/check/references/max-pool2d-reference.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { byteCount } from "../../src/graph/layout.js";
import { elementCount, input, type Tensor } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { add, gradients, maxPool2d, relu, scale } from "../../src/ops/index.js";
import { deviceVariants, testDevice } from "../device.js";
import { dice } from "../graph/random-graph.js";
import { noise, relativeError } from "../numbers.js";

/** A tensor with the values that it must have, in 64 bits. */
interface Known {
  readonly tensor: Tensor;
  readonly values: Float64Array;
}

const SHAPES = [
  [1, 2, 12, 70],
  [2, 1, 9, 31],
];

/** Random sums, scales, activations and poolings; sizes shrink, so that slots are shared. */
function randomKnown(seed: number): { inputs: Known[]; all: Known[] } {
  const roll = dice(seed);
  const inputs = SHAPES.flatMap((shape, i) =>
    ["a", "b"].map((name, j) => ({
      tensor: input(`${name}${i}`, shape),
      values: Float64Array.from(noise(elementCount(shape), seed * 10 + i * 2 + j)),
    })),
  );
  const all: Known[] = [...inputs];
  const count = 6 + roll(20);
  for (let i = 0; i < count; i++) {
    const { tensor: x, values } = all[Math.max(0, all.length - 1 - roll(6))];
    const [, , h, w] = x.shape;
    const likes = all.filter(({ tensor }) => String(tensor.shape) === String(x.shape));
    const other = likes[roll(likes.length)];
    const kind = roll(4);
    if (kind === 0 && h > 3 && w > 3) {
      all.push({ tensor: maxPool2d(x), values: maxPool2dReference(x.shape, values) });
    } else if (kind === 1) {
      all.push({ tensor: relu(x), values: values.map((value) => Math.max(0, value)) });
    } else if (kind === 2) {
      all.push({ tensor: scale(x, -0.75), values: values.map((value) => -0.75 * value) });
    } else {
      const sum = values.map((value, k) => value + other.values[k]);
      all.push({ tensor: add(x, other.tensor), values: sum });
    }
  }
  return { inputs, all };
}

/** Values for those inputs that the targets need, or are. */
function valuesFor(
  targets: readonly Tensor[],
  inputs: readonly { tensor: Tensor; values: ArrayLike<number> }[],
) {
  const needed = new Set([...targets, ...nodesFor(targets).flatMap((node) => node.inputs)]);
  const used = inputs.filter(({ tensor }) => needed.has(tensor));
  return Object.fromEntries(used.map(({ tensor, values }) => [tensor.name, values]));
}

// Wrongly shared memory would overwrite a tensor that is still to be read.
test("random graphs give right values in shared memory that starts as NaN", async () => {
  const device = await testDevice();
  let slots = 0;
  let tensors = 0;
  for (let seed = 1; seed <= 25; seed++) {
    const { inputs, all } = randomKnown(seed);
    const roll = dice(seed + 77);
    const outputs = [all.at(-1) as Known, all[roll(all.length)], all[roll(all.length)]];
    const spec = { name: `graph ${seed}`, outputs: outputs.map(({ tensor }) => tensor) };
    const plan = await compilePlan(poisonedDevice(device), spec);
    const values = valuesFor(spec.outputs, inputs);
    for (let run = 0; run < 2; run++) {
      plan.run(run === 0 ? values : {});
      for (const { tensor, values } of outputs) {
        const off = relativeError(await plan.read(tensor), values);
        assert.ok(off < 1e-6, `graph ${seed}, run ${run}: ${tensor.name} is off by ${off}`);
      }
    }
    const { slotBytes, livePeakBytes } = plan.memory;
    assert.ok(slotBytes >= livePeakBytes, `graph ${seed}`);
    slots += slotBytes;
    for (const { outputs } of nodesFor(spec.outputs)) tensors += byteCount(outputs[0]);
    plan.close();
  }
  assert.ok(slots < 0.7 * tensors, `${slots} bytes serve ${tensors}: little is shared`);
});

test("working memory starts as NaN if the tests ask for it", async () => {
  const device = await testDevice();
  const y = relu(input("x", [4]));
  const plan = await compilePlan(poisonedDevice(device), { name: "NaN", outputs: [y] });
  assert.equal([...(await plan.read(y))].map(String), ["NaN", "NaN", "NaN", "NaN"]);
  plan.run({ x: [1, -2, 3, -4] });
  assert.equal([...(await plan.read(y))], [1, 0, 3, 0]);
  plan.close();
});

test("gradients in shared memory equal those of a plan that keeps every tensor", async () => {
  for (const [variant, device] of await deviceVariants()) {
    const { inputs, all } = randomKnown(3);
    const { tensor: y } = all.at(-1) as Known;
    const seed = input("seed", y.shape);
    const of = inputs.map(({ tensor }) => tensor);
    const found = gradients(y, of, seed).filter((tensor) => tensor !== undefined);
    const between = all.map(({ tensor }) => tensor).filter(({ node }) => node);
    const results: Float32Array[][] = [];
    for (const outputs of [found, [...found, ...between]]) {
      const plan = await compilePlan(poisonedDevice(device), { name: variant, outputs });
      const values = [...inputs, { tensor: seed, values: noise(elementCount(y.shape), 9) }];
      plan.run(valuesFor(outputs, values));
      results.push(await Promise.all(found.map((tensor) => plan.read(tensor))));
      plan.close();
    }
    assert.ok(found.length > 0);
    assert.equal(results[0], results[1]);
  }
});

test.run();
