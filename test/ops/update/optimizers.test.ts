import { test } from "uvu";
import * as assert from "uvu/assert";
import { adamReference, sgdReference } from "../../../src/check/references/optimizers-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import type { Node } from "../../../src/graph/op.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { adam, logValue, scale, sgd } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { messageOf } from "../../errors.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

/** Relative in the 2-norm: a few roundings of 32 bits per step. */
const TOLERANCE = 1e-6;
const STEPS = 12;
const RATE = 0.05;

/** Runs STEPS steps of an update on `count` parameters; calls `check` after each. */
async function steps(
  count: number,
  moments: readonly string[],
  update: (tensors: Parameters<typeof sgd>[0]) => Node,
  stepInput: (t: number) => number[],
  check: (gradients: Float32Array, states: Record<string, Float32Array>, t: number) => void,
): Promise<void> {
  const device = await testDevice();
  const names = ["parameters", ...moments];
  const start = (name: string) =>
    name === "parameters" ? noise(count, 1) : noise(count, 1).fill(0);
  const states = Object.fromEntries(
    names.map((name) => [name, stateBuffer(device, name, start(name))]),
  );
  const state = (name: string) => stateTensor(name, [count], name);
  const given = input("given", [count]);
  const gradients = scale(given, 1);
  const node = update({
    parameters: state("parameters"),
    gradients,
    moments: moments.map(state),
    step: input("step", [4]),
    after: [],
  });
  const plan = await compilePlan(device, { name: "update", outputs: [], updates: [node], states });
  for (let t = 1; t <= STEPS; t++) {
    const values = noise(count, 100 + t);
    plan.run({ given: values, step: stepInput(t) });
    const read: Record<string, Float32Array> = {};
    for (const [name, buffer] of Object.entries(states)) {
      read[name] = (await readBuffer(device, buffer, 0, buffer.size)).slice(0, count);
    }
    check(values, read, t);
  }
  plan.close();
  for (const buffer of Object.values(states)) buffer.destroy();
}

test("sgd with momentum equals the reference over several steps", async () => {
  for (const [count, momentum] of [
    [1003, 0.99],
    [4, 0],
    [1, 0.9],
  ]) {
    const p = Float64Array.from(noise(count, 1));
    const v = new Float64Array(count);
    const stepInput = (t: number) => [t, RATE / t, 0, 0]; // the rate may change with each step
    await steps(
      count,
      ["velocity"],
      (t) => sgd(t, { momentum }),
      stepInput,
      (g, states, t) => {
        sgdReference(p, g, v, RATE / t, momentum);
        const off = relativeError(states.parameters, p);
        assert.ok(off < TOLERANCE, `step ${t}: parameters are off by ${off}`);
        assert.ok(relativeError(states.velocity, v) < TOLERANCE, `step ${t}: velocity`);
      },
    );
  }
});

test("adam equals the reference over several steps", async () => {
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const count = 1003;
  const p = Float64Array.from(noise(count, 1));
  const moments = [new Float64Array(count), new Float64Array(count)] as const;
  await steps(
    count,
    ["mean", "square"],
    (t) => adam(t, options),
    (t) => [t, RATE, 1 - options.beta1 ** t, 1 - options.beta2 ** t],
    (g, states, t) => {
      adamReference(p, g, moments, t, RATE, options);
      const off = relativeError(states.parameters, p);
      assert.ok(off < TOLERANCE, `step ${t}: parameters are off by ${off}`);
      assert.ok(relativeError(states.mean, moments[0]) < TOLERANCE, `step ${t}: mean`);
      assert.ok(relativeError(states.square, moments[1]) < TOLERANCE, `step ${t}: square`);
    },
  );
});

test("log-value keeps the value of each step in a ring", async () => {
  const device = await testDevice();
  const history = stateBuffer(device, "history", [0, 0, 0, 0, 0]);
  const step = input("step", [4]);
  const node = logValue(
    scale(input("loss", [1]), 1, "loss"),
    step,
    stateTensor("history", [5], "history"),
  );
  assert.is(node.name, "log of loss");
  const states = { history };
  const plan = await compilePlan(device, { name: "log", outputs: [], updates: [node], states });
  for (let t = 1; t <= 7; t++) plan.run({ loss: [t * 10], step: [t, 0, 0, 0] });
  assert.equal(
    [...(await readBuffer(device, history, 0, history.size))].slice(0, 5),
    [50, 60, 70, 30, 40],
  );
  plan.close();
  history.destroy();
});

test("sgd and adam name the shapes and the number of moments that do not fit", () => {
  const state = (count: number) => stateTensor("state", [count], "state");
  const tensors = {
    parameters: state(8),
    gradients: state(8),
    moments: [state(8)],
    step: input("step", [4]),
    after: [],
  };
  assert.is(
    messageOf(() => adam(tensors, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 })),
    "adam: 2 moments are needed, got 1",
  );
  assert.is(
    messageOf(() => sgd({ ...tensors, gradients: state(7) }, { momentum: 0 })),
    "sgd: gradients must be a dense [8], got dense [7]",
  );
  assert.is(
    messageOf(() => sgd({ ...tensors, moments: [state(9)] }, { momentum: 0 })),
    "sgd: moment must be a dense [8], got dense [9]",
  );
  assert.is(
    messageOf(() => sgd({ ...tensors, step: input("step", [3]) }, { momentum: 0 })),
    "sgd: step must be a dense [4], got dense [3]",
  );
});

test.run();
