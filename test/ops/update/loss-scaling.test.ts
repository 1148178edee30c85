import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../../src/gpu/plan.js";
import { readBuffer } from "../../../src/gpu/read.js";
import type { Node } from "../../../src/graph/op.js";
import { input, stateTensor, type Tensor } from "../../../src/graph/tensor.js";
import { adam, scale, sgd } from "../../../src/ops/index.js";
import {
  adjustLossScale,
  initialScaling,
  scaleLoss,
  scalingTensor,
  unscaleGradients,
  unscaleLoss,
} from "../../../src/ops/update/loss-scaling.js";
import { testDevice } from "../../device.js";
import { noise } from "../../numbers.js";
import { stateBuffer } from "../../state.js";

test("a tensor is multiplied and divided by the scale without rounding", async () => {
  const device = await testDevice();
  const states = { scaling: stateBuffer(device, "scaling", initialScaling(2 ** 15)) };
  const x = input("x", [1, 2, 3, 37]);
  const scaled = scaleLoss(x, scalingTensor("scaling"));
  const back = unscaleLoss(scaled, scalingTensor("scaling"));
  const plan = await compilePlan(device, { name: "scale", outputs: [scaled, back], states });
  const values = noise(2 * 3 * 37, 4);
  plan.run({ x: values });
  assert.equal(
    await plan.read(scaled),
    values.map((value) => value * 2 ** 15),
  );
  assert.equal(await plan.read(back), values);
  plan.close();
  states.scaling.destroy();
});

const COUNT = 1003;

interface Updated {
  readonly parameters: Float32Array;
  readonly moments: readonly Float32Array[];
  readonly gradients: Float32Array;
  readonly scaling: Float32Array;
}

/** A step with scaled gradients for each entry, from zero moments; the states after each. */
async function steps(
  optimizer: "sgd" | "adam",
  given: readonly Float32Array[],
  growEvery: number,
): Promise<Updated[]> {
  const device = await testDevice();
  const moments = optimizer === "sgd" ? ["velocity"] : ["mean", "square"];
  const zeros = new Float32Array(COUNT);
  const states: Record<string, GPUBuffer> = {
    parameters: stateBuffer(device, "parameters", noise(COUNT, 1)),
    gradients: stateBuffer(device, "gradients", zeros),
    scaling: stateBuffer(device, "scaling", initialScaling(8)),
  };
  for (const name of moments) states[name] = stateBuffer(device, name, zeros);
  const flat = (name: string) => stateTensor(name, [COUNT], name);
  const made = scale(input("given", [COUNT]), 1);
  const scaling = scalingTensor("scaling");
  const tensors = {
    parameters: flat("parameters"),
    gradients: flat("gradients"),
    moments: moments.map(flat),
    step: input("step", [4]),
    scaling,
    after: [made],
  };
  const update: Node =
    optimizer === "sgd"
      ? sgd(tensors, { momentum: 0.5 })
      : adam(tensors, { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 });
  const unscale = unscaleGradients(flat("gradients"), scaling);
  const updates = [unscale, update, adjustLossScale(scaling, growEvery)];
  const placed = new Map<Tensor, { state: string; offset: number }>();
  placed.set(made, { state: "gradients", offset: 0 });
  const plan = await compilePlan(device, {
    name: "scaled",
    outputs: [],
    updates,
    states,
    outputsInto: placed,
  });
  const result: Updated[] = [];
  for (const values of given) {
    plan.run({ given: values, step: [0, 0.1, 0.1, 0.001] });
    const read = async (name: string) =>
      (await readBuffer(device, states[name], 0, states[name].size)).slice(0, COUNT);
    result.push({
      parameters: await read("parameters"),
      moments: await Promise.all(moments.map(read)),
      gradients: await read("gradients"),
      scaling: (await read("scaling")).slice(0, 5),
    });
  }
  plan.close();
  for (const buffer of Object.values(states)) buffer.destroy();
  return result;
}

test("one gradient that is infinite or NaN skips the whole step and halves the scale", async () => {
  for (const optimizer of ["sgd", "adam"] as const) {
    for (const bad of [Infinity, -Infinity, Number.NaN]) {
      const good = noise(COUNT, 9);
      const spoilt = good.map((value, i) => (i === COUNT - 1 ? bad : value));
      const [first, second, third] = await steps(optimizer, [good, spoilt, good], 100);
      assert.equal([...first.scaling], [8, 1 / 8, 1, 0, 0]);
      assert.equal(
        first.gradients,
        good.map((value) => value / 8),
      );
      assert.not.equal(first.parameters, noise(COUNT, 1));
      assert.equal(second.parameters, first.parameters, `${optimizer}, ${bad}`);
      assert.equal(second.moments, first.moments, `${optimizer}, ${bad}`);
      assert.equal([...second.scaling], [4, 1 / 4, 0, 1, 0]);
      assert.not.equal(third.parameters, second.parameters);
      assert.equal([...third.scaling], [4, 1 / 4, 1, 1, 0]);
    }
  }
});

test("so many steps without an overflow double the scale", async () => {
  const good = noise(COUNT, 9);
  const states = await steps("sgd", new Array(5).fill(good), 2);
  assert.equal(
    states.map(({ scaling: [factor, , since] }) => [factor, since]),
    [
      [8, 1],
      [16, 0],
      [16, 1],
      [32, 0],
      [32, 1],
    ],
  );
});

test.run();
