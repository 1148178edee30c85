import { test } from "uvu";
import * as assert from "uvu/assert";
import { poisonedDevice } from "../../src/check/poisoned-device.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { readBuffer } from "../../src/gpu/read.js";
import { input, type Shape, stateTensor } from "../../src/graph/tensor.js";
import { add, conv2d, maxPool2d, relu, scale, sgd } from "../../src/ops/index.js";
import { accumulate } from "../../src/ops/update/accumulate.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";
import { stateBuffer } from "../state.js";

test("a single op runs on typed arrays and plain arrays of any shape", async () => {
  const device = await testDevice();
  for (const shape of [[1], [7], [2, 3], [2, 3, 4], [1, 2, 3, 5], [2, 1, 1, 1, 3]] as Shape[]) {
    const x = input("x", shape);
    const y = scale(x, 3);
    const plan = await compilePlan(device, { name: "single", outputs: [y] });
    const count = shape.reduce((a, b) => a * b);
    const values = Array.from({ length: count }, (_, i) => i - 2);
    const expected = values.map((value) => value * 3);
    for (const array of [values, Float64Array.from(values), Int16Array.from(values)]) {
      plan.run({ x: array });
      assert.equal([...(await plan.read(y))], expected);
    }
    plan.close();
  }
});

test("inputs keep their values from run to run, and can be read back", async () => {
  const x = input("x", [2]);
  const y = input("y", [2]);
  const sum = add(x, y);
  const plan = await compilePlan(await testDevice(), { name: "kept", outputs: [sum] });
  plan.run({ x: [1, 2], y: [10, 20] });
  plan.run({ y: [30, 40] });
  assert.equal([...(await plan.read(sum))], [31, 42]);
  assert.equal([...(await plan.read(x))], [1, 2]);
  plan.close();
});

test("a plan of the first dispatches runs in the memory of the whole plan, and is closed with it", async () => {
  const device = await testDevice();
  const x = input("x", [2]);
  const twice = scale(x, 2, "twice");
  const y = scale(twice, 3);
  const plan = await compilePlan(device, { name: "whole", outputs: [twice, y] });
  const first = plan.first(1);
  assert.equal([first.dispatchCount, plan.dispatchCount], [1, 2]);
  plan.run({ x: [1, 2] });
  first.run({ x: [10, 20] });
  assert.equal([...(await plan.read(twice))], [20, 40]);
  assert.equal([...(await plan.read(y))], [6, 12]);
  await first.runInParts(2, { x: [100, 200] });
  assert.equal((await first.runTimed()).dispatches.length, 1);
  assert.equal([...(await first.read(twice))], [200, 400]);
  plan.close();
  assert.is(
    messageOf(() => first.run()),
    "plan whole is closed",
  );
});

test("an update among others runs at its place in the list, also if others read its result", async () => {
  const device = await testDevice();
  const states = { sum: stateBuffer(device, "sum", new Float32Array(4)) };
  const sum = stateTensor("sum", [4], "sum");
  const batch = input("batch", [3]);
  const one = accumulate(input("x", [4]), batch, sum);
  const between = scale(sum, 10);
  const two = accumulate(between, batch, sum);
  const updates = [one, between.node, two].filter((node) => node !== undefined);
  const plan = await compilePlan(device, { name: "order", outputs: [sum], updates, states });
  assert.equal(
    plan.work.map(({ op }) => op),
    ["accumulate", "scale", "accumulate"],
  );
  plan.run({ x: [1, 2, 3, 4], batch: [0, 0, 1] });
  const values = await readBuffer(device, states.sum, 0, states.sum.size);
  assert.equal([...values], [10, 20, 30, 40]);
  plan.close();
  states.sum.destroy();
});

test("an output may be an input", async () => {
  const x = input("x", [2]);
  const plan = await compilePlan(await testDevice(), { name: "same", outputs: [x] });
  plan.run({ x: [3, 4] });
  assert.equal([...(await plan.read(x))], [3, 4]);
  plan.close();
});

test("a plan names inputs that it does not have, and counts that do not fit", async () => {
  const sum = add(input("left", [2, 3]), input("right", [2, 3]));
  const plan = await compilePlan(await testDevice(), { name: "sum", outputs: [sum] });
  assert.is(
    messageOf(() => plan.run({ lift: [1] })),
    "plan sum has no input lift: it has left, right",
  );
  assert.is(
    messageOf(() => plan.run({ left: [1, 2, 3, 4, 5] })),
    "input left [2,3] takes 6 values, got 5",
  );
  plan.close();
});

test("two inputs of one name are refused", async () => {
  const sum = add(input("x", [2]), input("x", [2]));
  const plan = compilePlan(await testDevice(), { name: "twice", outputs: [sum] });
  assert.is(await rejectionOf(plan), "plan twice: two inputs have the name x");
});

test("reading an intermediate tensor is an error that says what to do", async () => {
  const x = input("x", [4]);
  const between = scale(x, 2, "between");
  const y = relu(between);
  const plan = await compilePlan(await testDevice(), { name: "short", outputs: [y] });
  plan.run({ x: [1, 2, 3, 4] });
  const message = "plan short does not keep the tensor between: name it among its outputs";
  assert.is(await rejectionOf(plan.read(between)), message);
  assert.is(
    messageOf(() => plan.place(between)),
    message,
  );
  const other = scale(x, 2, "other");
  assert.match(await rejectionOf(plan.read(other)), "does not keep the tensor other");
  plan.close();
});

test("a closed plan reports that it is closed", async () => {
  const y = relu(input("x", [4]));
  const plan = await compilePlan(await testDevice(), { name: "done", outputs: [y] });
  plan.close();
  assert.is(
    messageOf(() => plan.run({ x: [1, 2, 3, 4] })),
    "plan done is closed",
  );
  assert.is(await rejectionOf(plan.read(y)), "plan done is closed");
});

test("two runs give the same bits", async () => {
  const x = input("x", [2, 3, 20, 35]);
  const weight = input("weight", [5, 3, 3, 3], "dense");
  const y = maxPool2d(conv2d(x, weight));
  const plan = await compilePlan(await testDevice(), { name: "twice", outputs: [y] });
  plan.run({ x: noise(2 * 3 * 20 * 35, 1), weight: noise(135, 2) });
  const first = new Uint32Array((await plan.read(y)).buffer);
  for (let i = 0; i < 5; i++) plan.run();
  assert.equal(new Uint32Array((await plan.read(y)).buffer), first);
  plan.close();
});

test("what depends only on constant states is computed once, and stays through every run", async () => {
  const device = await testDevice();
  const weights = noise(32 * 32 * 9, 5);
  const buffer = stateBuffer(device, "weights", weights);
  const weight = stateTensor("weight", [32, 32, 3, 3], "weights");
  const x = input("x", [1, 32, 20, 20]);
  // Enough layers that intermediates would be placed over packed weights if those were free.
  let y = scale(x, 1);
  for (let i = 0; i < 4; i++) y = conv2d(y, weight, undefined, { activation: "relu" });
  const half = scale(weight, 0.5); // read from a buffer in every run
  const spec = { outputs: [conv2d(y, half)], states: { weights: buffer } };
  const live = await compilePlan(device, { ...spec, name: "live" });
  const frozen = await compilePlan(poisonedDevice(device), {
    ...spec,
    name: "frozen",
    statesAreConstant: true,
  });
  assert.ok(frozen.dispatchCount < live.dispatchCount, "fewer dispatches a run");
  assert.is(frozen.pipelineCount, live.pipelineCount);
  assert.is(frozen.multiplyAdds, live.multiplyAdds);
  frozen.run({ x: noise(32 * 400, 9) });
  device.gpu.queue.writeBuffer(buffer, 0, new Float32Array(weights.length)); // not read again
  const seen = [];
  for (const seed of [1, 2, 3]) {
    frozen.run({ x: noise(32 * 400, seed) });
    seen.push(await frozen.read(spec.outputs[0]));
  }
  device.gpu.queue.writeBuffer(buffer, 0, weights);
  for (const [i, seed] of [1, 2, 3].entries()) {
    live.run({ x: noise(32 * 400, seed) });
    assert.equal(seen[i], await live.read(spec.outputs[0]));
  }
  frozen.close();
  live.close();
  buffer.destroy();
});

test("updates run after everything that reads the states", async () => {
  const device = await testDevice();
  const states = {
    parameters: stateBuffer(device, "parameters", [1, 2, 3, 4]),
    velocity: stateBuffer(device, "velocity", [0, 0, 0, 0]),
    gradients: stateBuffer(device, "gradients", [0, 0, 0, 0]),
  };
  const parameters = stateTensor("parameters", [4], "parameters");
  const gradient = scale(parameters, 10, "gradient");
  const update = sgd(
    {
      parameters,
      gradients: stateTensor("gradients", [4], "gradients"),
      moments: [stateTensor("velocity", [4], "velocity")],
      step: input("step", [4]),
      after: [gradient],
    },
    { momentum: 0 },
  );
  const before = scale(parameters, 1, "before");
  const plan = await compilePlan(device, {
    name: "update",
    outputs: [before],
    updates: [update],
    states,
    outputsInto: new Map([[gradient, { state: "gradients", offset: 0 }]]),
  });
  plan.run({ step: [1, 0.05, 0, 0] });
  assert.equal([...(await plan.read(before))], [1, 2, 3, 4]);
  assert.equal([...(await plan.read(gradient))], [10, 20, 30, 40]);
  assert.equal([...(await plan.read(parameters))], [0.5, 1, 1.5, 2]);
  plan.close();
  for (const buffer of Object.values(states)) buffer.destroy();
});

test("a plan counts its kernels, pipelines, multiply-adds and bytes", async () => {
  const x = input("x", [1, 1, 8, 8]);
  const weight = input("weight", [4, 1, 3, 3], "dense");
  const y = relu(relu(conv2d(x, weight)));
  const plan = await compilePlan(await testDevice(), { name: "counted", outputs: [y] });
  assert.is(plan.dispatchCount, 4); // pack, convolve, relu, relu
  assert.is(plan.pipelineCount, 3);
  assert.is(plan.multiplyAdds, 4 * 6 * 6 * 9);
  const { slotBytes, livePeakBytes, fixedBytes, textureBytes, totalBytes } = plan.memory;
  assert.ok(slotBytes >= livePeakBytes && livePeakBytes >= 2 * 4 * 6 * 32 * 4);
  assert.is(totalBytes, slotBytes + fixedBytes + textureBytes);
  plan.close();
});

test.run();
