import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { assign, lerp } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

test("a state is set to a value to the bit, or moved towards it, in a range of its buffer", async () => {
  const device = await testDevice();
  const [before, given] = [noise(128 + 11, 1), noise(11, 2)];
  const states = {
    set: stateBuffer(device, "set", before),
    moved: stateBuffer(device, "moved", before),
  };
  const value = input("value", [11]);
  const updates = [
    assign(stateTensor("set", [11], "set", 64), value),
    lerp(stateTensor("moved", [11], "moved", 128), value, 0.25),
  ];
  const plan = await compilePlan(device, { name: "assign", outputs: [], updates, states });
  plan.run({ value: given });
  const set = await readBuffer(device, states.set, 0, 4 * 128);
  assert.equal(set.slice(64, 64 + 11), given);
  assert.equal(set.slice(0, 64), before.slice(0, 64));
  const moved = await readBuffer(device, states.moved, 0, 4 * (128 + 12));
  const expected = given.map((v, i) => before[128 + i] + 0.25 * (v - before[128 + i]));
  assert.ok(relativeError(moved.slice(128, 128 + 11), expected) < 1e-6);
  assert.equal(moved.slice(0, 128), before.slice(0, 128));
  plan.close();
  for (const buffer of Object.values(states)) buffer.destroy();
});

test("what is no state, another shape and an impossible rate are errors", () => {
  const [value, state] = [input("value", [4]), stateTensor("mean", [4], "mean")];
  assert.is(
    messageOf(() => assign(value, value)),
    "assign: value [4] is no state: make it with stateTensor",
  );
  assert.is(
    messageOf(() => lerp(state, input("v", [5]), 0.1)),
    "lerp: value must be a dense [4], got dense [5]",
  );
  assert.is(
    messageOf(() => lerp(state, value, 1.5)),
    "lerp: the rate must be a number from 0 to 1, got 1.5",
  );
});

test.run();
