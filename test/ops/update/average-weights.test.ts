import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { averageWeights } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

test("the average equals the reference over many steps, short at first", async () => {
  const device = await testDevice();
  const count = 1001;
  const decay = 0.6;
  const states = {
    parameters: stateBuffer(device, "parameters", noise(count, 1)),
    average: stateBuffer(device, "average", noise(count, 1)),
  };
  const tensor = (name: string) => stateTensor(name, [count], name);
  const tensors = {
    parameters: tensor("parameters"),
    average: tensor("average"),
    step: input("step", [4]),
  };
  const updates = [averageWeights(tensors, decay)];
  const plan = await compilePlan(device, { name: "average", outputs: [], updates, states });
  const expected = Float64Array.from(noise(count, 1));
  for (let t = 0; t < 15; t++) {
    const values = noise(count, 20 + t);
    device.gpu.queue.writeBuffer(states.parameters, 0, values as Float32Array<ArrayBuffer>);
    plan.run({ step: [t, 0, 0, 0] });
    const d = Math.min(decay, (1 + t) / (10 + t));
    for (let i = 0; i < count; i++) expected[i] = d * expected[i] + (1 - d) * values[i];
    const read = await readBuffer(device, states.average, 0, states.average.size);
    const off = relativeError(read.slice(0, count), expected);
    assert.ok(off < 1e-6, `step ${t}: off by ${off}`);
  }
  plan.close();
  for (const buffer of Object.values(states)) buffer.destroy();
  assert.is(
    messageOf(() => averageWeights({ ...tensors, average: stateTensor("a", [9], "a") }, decay)),
    "average-weights: average must be a dense [1001], got dense [9]",
  );
});

test.run();
