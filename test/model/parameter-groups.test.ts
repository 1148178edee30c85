import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../src/gpu/plan.js";
import { readBuffer } from "../../src/gpu/read.js";
import { input } from "../../src/graph/tensor.js";
import { groupUpdates, type ParameterGroup } from "../../src/model/parameter-groups.js";
import { convParameters, layOut } from "../../src/model/parameters.js";
import { adam, sgd } from "../../src/ops/update/general-optimizers.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise } from "../numbers.js";
import { stateBuffer } from "../state.js";

const layout = layOut([
  ...convParameters("encoder", 2, 4, 3), // 72 + 4 floats, at 0 and 128
  { name: "norm.running_mean", shape: [4], init: 0, isBuffer: true },
  ...convParameters("middle", 4, 4, 1), // at 192 and 256
  ...convParameters("head", 4, 2, 1), // at 320 and 384
]);
const step = input("step", [4]);
const slow = input("slow", [4]);
const settings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const groups: readonly ParameterGroup[] = [
  { match: /^middle/, frozen: true },
  {
    match: (name) => name.endsWith(".bias"),
    update: (t) => sgd(t, { momentum: 0.9 }),
    moments: ["first"],
    step: slow,
  },
  { update: (t) => adam(t, { ...settings, decay: 0.1 }), moments: ["first", "second"] },
];

test("two optimisers with rates of their own run in one plan, and frozen parameters and buffers stay", async () => {
  const device = await testDevice();
  const { floats, trainedFloats } = layout;
  assert.equal([floats, trainedFloats], [512, 448]);
  const gradients = noise(trainedFloats, 2);
  const state = (name: string, values: Float32Array) => stateBuffer(device, name, values);
  const run = async (own: readonly ParameterGroup[]) => {
    const states = {
      parameters: state("parameters", noise(floats, 1)),
      gradients: state("gradients", gradients),
      first: state("first", new Float32Array(floats)),
      second: state("second", new Float32Array(floats)),
    };
    const updates = groupUpdates(layout, own, { step, after: [] });
    const plan = await compilePlan(device, { name: "groups", outputs: [], updates, states });
    const all = [0, 0.1, 0.1, 0.001];
    plan.run(own === groups ? { step: all, slow: [0, 0.01, 0, 0] } : { step: all });
    const values = await readBuffer(device, states.parameters, 0, 4 * floats);
    plan.close();
    for (const buffer of Object.values(states)) buffer.destroy();
    return { values, updates };
  };
  const before = noise(floats, 1);
  const { values, updates } = await run(groups);
  assert.equal(
    updates.map(({ op }) => op.name),
    ["adam", "sgd", "adam", "sgd"],
  );
  const single = await run([{ update: groups[2].update, moments: ["first", "second"] }]);
  assert.is(single.updates.length, 1);
  for (const [name, from, end] of [
    ["encoder.weight", 0, 72],
    ["head.weight", 320, 328],
  ] as const) {
    assert.equal(values.slice(from, end), single.values.slice(from, end), name);
    assert.ok(
      values.slice(from, end).every((value, i) => value !== before[from + i]),
      name,
    );
  }
  for (const [from, end] of [
    [128, 132],
    [384, 386],
  ] as const) {
    for (let i = from; i < end; i++) {
      assert.ok(Math.abs(values[i] - (before[i] - 0.01 * gradients[i])) < 1e-6, `bias at ${i}`);
    }
  }
  assert.equal(values.slice(192, 320), before.slice(192, 320), "frozen");
  assert.equal(values.slice(448), before.slice(448), "the buffer");
});

test("parameters without a group, groups without parameters and without a task are errors", () => {
  const of = (own: readonly ParameterGroup[]) =>
    messageOf(() => groupUpdates(layout, own, { step, after: [] }));
  assert.match(of(groups.slice(0, 2)), "groupUpdates: no group has the parameter encoder.weight");
  assert.match(
    of([...groups, { match: /^x/, frozen: true }]),
    "group 3, of /^x/, has no parameter",
  );
  assert.match(of([{}]), "group 0 must have either an update or { frozen: true }, got neither");
});

test.run();
