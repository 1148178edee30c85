// That they are PyTorch's is held by test/pytorch/optimizers-cases.ts.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import type { Node } from "../../../src/graph/op.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { gradientClip } from "../../../src/ops/index.js";
import { adam, sgd } from "../../../src/ops/update/general-optimizers.js";
import { rmsprop } from "../../../src/ops/update/l2-optimizers.js";
import type { UpdateTensors } from "../../../src/ops/update/optimizers.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

const COUNT = 7;
const OWN = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const OPTIMIZERS: Record<string, [number, (tensors: UpdateTensors) => Node]> = {
  sgd: [1, (t) => sgd(t, { momentum: 0.9, nesterov: true })],
  adam: [2, (t) => adam(t, { ...OWN, l2: 0.1 })],
  rmsprop: [3, (t) => rmsprop(t, { momentum: 0.5 })],
};

const flat = (name: string) => stateTensor(name, [COUNT], name);
const tensorsOf = (count: number): UpdateTensors => ({
  parameters: flat("parameters"),
  gradients: flat("gradients"),
  moments: Array.from({ length: count }, (_, i) => flat(`moment${i}`)),
  step: input("step", [4]),
  after: [],
});

test("a clip multiplies the gradients, and a step that overflowed changes nothing", async () => {
  const device = await testDevice();
  for (const [name, [count, update]] of Object.entries(OPTIMIZERS)) {
    const tensors = tensorsOf(count);
    /** The parameters and the first moment after one step. */
    const after = async (gradients: Float32Array, overflowed: number, limit: number) => {
      const states: Record<string, GPUBuffer> = {
        parameters: stateBuffer(device, "parameters", noise(COUNT, 1)),
        gradients: stateBuffer(device, "gradients", gradients),
        scaling: stateBuffer(device, "scaling", [1, 1, 0, 0, overflowed]),
      };
      for (const { name } of tensors.moments)
        states[name] = stateBuffer(device, name, noise(COUNT, 0).fill(0));
      const scaling = stateTensor("scaling", [5], "scaling");
      const updates = [
        update({ ...tensors, scaling, clip: gradientClip(tensors.gradients, limit) }),
      ];
      const plan = await compilePlan(device, { name, outputs: [], updates, states });
      plan.run({ step: [0, 0.1, 0.1, 0.001] });
      const read = ["parameters", "moment0"].map((state) =>
        readBuffer(device, states[state], 0, 4 * 8),
      );
      const values = (await Promise.all(read)).map((found) => found.slice(0, COUNT));
      plan.close();
      for (const buffer of Object.values(states)) buffer.destroy();
      return values;
    };
    const gradients = noise(COUNT, 2);
    const norm = Math.sqrt(gradients.reduce((sum, value) => sum + value * value, 0));
    const [clipped, moment] = await after(gradients, 0, norm / 4);
    const [quarter, expected] = await after(
      gradients.map((value) => value / 4),
      0,
      1e9,
    );
    assert.ok(relativeError(clipped, Float64Array.from(quarter)) < 1e-6, name);
    assert.ok(relativeError(moment, Float64Array.from(expected)) < 1e-6, name);
    assert.equal(await after(gradients, 1, 1e9), [noise(COUNT, 1), new Float32Array(COUNT)], name);
  }
});

test("settings of the built-in training give its own ops; others and invalid ones are said", () => {
  const [one, two] = [tensorsOf(1), tensorsOf(2)];
  assert.is(sgd(one, { momentum: 0.9, decay: 0.1 }).op.name, "sgd");
  assert.is(sgd(one, { momentum: 0.9, l2: 0.1 }).op.name, "sgd-l2");
  assert.is(adam(two, { ...OWN, decay: 0.1 }).op.name, "adam");
  assert.is(adam(two, { ...OWN, l2: 0.1 }).op.name, "adam-l2");
  assert.match(
    messageOf(() => sgd(one, { momentum: 0.9, nestrov: true } as never)),
    "sgd has no option nestrov, did you mean nesterov?",
  );
  assert.is(
    messageOf(() => rmsprop(tensorsOf(3), { l2: -1 })),
    "rmsprop: l2 must be a number from 0, got -1",
  );
  assert.is(
    messageOf(() => rmsprop(one)),
    "rmsprop: 3 moments are needed, got 1",
  );
});

test.run();
