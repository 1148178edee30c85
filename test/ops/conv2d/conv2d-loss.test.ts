import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  conv2dGradientReference,
  conv2dReference,
} from "../../../src/check/references/conv2d-reference.js";
import { weightedCrossEntropyReference } from "../../../src/check/references/weighted-cross-entropy-reference.js";
import { compilePlan } from "../../../src/gpu/plan.js";
import { planDispatches } from "../../../src/gpu/planned-dispatches.js";
import { elementCount, input, type Shape, type Tensor } from "../../../src/graph/tensor.js";
import { TOLERANCES } from "../../../src/graph/tolerances.js";
import { conv2d, gradients, weightedCrossEntropy } from "../../../src/ops/index.js";
import { testDevice } from "../../device.js";
import { noise, relativeError } from "../../numbers.js";

interface Head {
  readonly x: Shape;
  readonly classes: number;
  readonly weight?: ArrayLike<number>;
}

function headOf({ x: [n, c, h, w], classes, weight: map }: Head) {
  const pixels = n * h * w;
  const values = {
    x: noise(n * c * h * w, 1),
    weight: noise(classes * c, 2),
    bias: noise(classes, 3),
    label: noise(pixels, 4).map((value) => Math.floor(((value + 1) / 2) * classes)),
    map: Float32Array.from(map ?? noise(pixels, 5), (value) => Math.max(0, value)),
  };
  const x = input("x", [n, c, h, w]);
  const weight = input("weight", [classes, c, 1, 1], "dense");
  const bias = input("bias", [classes]);
  const logits = conv2d(x, weight, bias, { name: "head" });
  const label = input("label", [n, 1, h, w]);
  const loss = weightedCrossEntropy(logits, label, input("map", [n, 1, h, w]), "loss");
  return { values, logits, loss, of: [x, weight, bias] };
}

const shadersOf = async (outputs: readonly Tensor[]) => {
  const steps = planDispatches(await testDevice(), { name: "head", outputs });
  return steps.map(({ dispatch }) => dispatch.shader.name);
};

test("the head in one pass with its loss equals the reference, with all gradients", async () => {
  const device = await testDevice();
  const cases: Head[] = [
    { x: [1, 1, 1, 1], classes: 2 },
    { x: [2, 3, 5, 7], classes: 2 },
    { x: [1, 16, 9, 33], classes: 2 },
    { x: [2, 5, 3, 37], classes: 5 },
    { x: [1, 4, 6, 64], classes: 8 },
    { x: [1, 4, 3, 5], classes: 3, weight: new Float32Array(15) },
  ];
  for (const one of cases) {
    const { values, loss, of } = headOf(one);
    const outputs = [loss, ...gradients(loss, of).filter((tensor) => tensor !== undefined)];
    const shaders = await shadersOf(outputs);
    assert.ok(shaders.includes("conv2d-loss"), `${shaders}`);
    const plan = await compilePlan(device, { name: "head", outputs });
    plan.run(values);
    const sizes = { x: one.x, weight: [one.classes, one.x[1], 1, 1], border: 0 };
    const [n, , h, w] = one.x;
    const z = conv2dReference(sizes, values.x, values.weight, values.bias);
    const shape = [n, one.classes, h, w];
    const expected = weightedCrossEntropyReference(shape, z, values.label, values.map);
    const name = `${one.x} to ${one.classes}`;
    const off = relativeError(await plan.read(loss), [expected.loss]);
    assert.ok(off <= TOLERANCES.direct, `${name}: the loss is off by ${off}`);
    const by = conv2dGradientReference(sizes, values.x, values.weight, expected.gradient);
    for (const [i, gradient] of [by.x, by.weight, by.bias].entries()) {
      const found = relativeError(await plan.read(outputs[i + 1]), gradient);
      assert.ok(found <= TOLERANCES.gradient, `${name}: gradient ${i} is off by ${found}`);
    }
    plan.close();
  }
});

test("logits that someone else reads, or more than eight classes, are stored as before", async () => {
  const { loss, logits } = headOf({ x: [1, 3, 4, 5], classes: 2 });
  assert.not.ok((await shadersOf([loss, logits])).includes("conv2d-loss"));
  const many = headOf({ x: [1, 3, 4, 5], classes: 9 });
  assert.not.ok((await shadersOf([many.loss])).includes("conv2d-loss"));
  assert.is(elementCount(many.logits.shape), 180);
});

test.run();
