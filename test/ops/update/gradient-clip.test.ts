import { test } from "uvu";
import * as assert from "uvu/assert";
import { adamReference, sgdReference } from "../../../src/check/references/optimizers-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import { input, stateTensor } from "../../../src/graph/tensor.js";
import { adam, gradientClip, sgd } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { noise, relativeError } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

const norm = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));

test("the norm and the factor equal those of 64 bits, and repeat to the bit", async () => {
  const device = await testDevice();
  for (const count of [1, 4, 5003, 300_001]) {
    const values = noise(count, 3);
    const buffer = stateBuffer(device, "gradients", values);
    const gradients = stateTensor("gradients", [count], "gradients");
    for (const limit of [0.01, 1e6]) {
      const clip = gradientClip(gradients, limit);
      const states = { gradients: buffer };
      const plan = await compilePlan(device, { name: "clip", outputs: [clip], states });
      plan.run({});
      const [factor, measured] = await plan.read(clip);
      const expected = norm(values);
      assert.ok(Math.abs(measured / expected - 1) < 1e-6, `${count}: ${measured}, ${expected}`);
      assert.ok(Math.abs(factor / Math.min(1, limit / expected) - 1) < 1e-6, `${factor}`);
      plan.run({});
      assert.equal([...(await plan.read(clip))], [factor, measured]);
      plan.close();
    }
    buffer.destroy();
  }
});

test("updates with a clip and a decay of weights equal the reference over several steps", async () => {
  const device = await testDevice();
  const count = 1003;
  const [rate, limit, decay] = [0.05, 3, 0.1];
  for (const optimizer of ["sgd", "adam"] as const) {
    const names = optimizer === "sgd" ? ["velocity"] : ["mean", "square"];
    const parameters = noise(count, 1);
    const states: Record<string, GPUBuffer> = {
      parameters: stateBuffer(device, "parameters", parameters),
      gradients: stateBuffer(device, "gradients", noise(count, 2)),
    };
    for (const name of names) states[name] = stateBuffer(device, name, noise(count, 1).fill(0));
    const state = (name: string) => stateTensor(name, [count], name);
    const update = {
      parameters: state("parameters"),
      gradients: state("gradients"),
      moments: names.map(state),
      step: input("step", [4]),
      clip: gradientClip(state("gradients"), limit),
      after: [],
    };
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
    const node =
      optimizer === "sgd"
        ? sgd(update, { momentum: beta1, decay })
        : adam(update, { beta1, beta2, epsilon, decay });
    const plan = await compilePlan(device, {
      name: "update",
      outputs: [],
      updates: [node],
      states,
    });
    const p = Float64Array.from(parameters);
    const moments = [new Float64Array(count), new Float64Array(count)] as const;
    for (let t = 1; t <= 6; t++) {
      // The first steps have small gradients, which are not changed.
      const given = noise(count, 50 + t).map((value) => value * (t < 3 ? 0.01 : 1));
      device.gpu.queue.writeBuffer(states.gradients, 0, given as Float32Array<ArrayBuffer>);
      plan.run({ step: [t - 1, rate, 1 - beta1 ** t, 1 - beta2 ** t] });
      const factor = Math.min(1, limit / norm(given));
      assert.is(factor < 1, t >= 3);
      const clipped = Float64Array.from(given, (value) => value * factor);
      const decayed = p.map((value) => rate * decay * value);
      if (optimizer === "sgd") sgdReference(p, clipped, moments[0], rate, beta1);
      else adamReference(p, clipped, moments, t, rate, { beta1, beta2, epsilon });
      for (let i = 0; i < count; i++) p[i] -= decayed[i];
      const read = await readBuffer(device, states.parameters, 0, states.parameters.size);
      const off = relativeError(read.slice(0, count), p);
      // A few roundings of 32 bits per step, and that of the norm.
      assert.ok(off < 2e-6, `${optimizer}, step ${t}: off by ${off}`);
    }
    plan.close();
    for (const buffer of Object.values(states)) buffer.destroy();
  }
});

test.run();
