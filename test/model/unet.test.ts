import { test } from "uvu";
import * as assert from "uvu/assert";
import { input } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { parameterCount } from "../../src/model/architectures.js";
import { initialValues, parameterTensors, slice } from "../../src/model/parameters.js";
import { nearestInputs, unet, unetOutputSize } from "../../src/model/unet.js";
import { modelConfig } from "../../src/train/config.js";

test("the U-Net has the paper's number of parameters, and that of narrower ones", () => {
  const counts = { 64: 31_030_658, 32: 7_759_554, 16: 1_940_834, 8: 485_682, 4: 121_658 };
  for (const [base, count] of Object.entries(counts)) {
    assert.is(parameterCount(modelConfig({ base: Number(base) })), count, `base ${base}`);
  }
  assert.is(parameterCount(modelConfig({ base: 2, depth: 2 })), 1886);
});

test("a 572-pixel input goes through the paper's sizes and channels", () => {
  const model = unet(modelConfig({ base: 64 }));
  const x = input("x", [1, 1, 572, 572]);
  const logits = model.logits(x, parameterTensors(model.parameters));
  const shapes = new Map(
    nodesFor([logits]).map(({ name, outputs }) => [name, outputs[0].shape.slice(1)]),
  );
  const expected: Record<string, number[]> = {
    "encoder1.conv1": [64, 570, 570],
    "encoder1.conv2": [64, 568, 568],
    "encoder2.conv2": [128, 280, 280],
    "encoder3.conv2": [256, 136, 136],
    "encoder4.conv2": [512, 64, 64],
    "encoder4.pool": [512, 32, 32],
    "bottleneck.conv1": [1024, 30, 30],
    "bottleneck.conv2": [1024, 28, 28],
    "decoder4.up": [512, 56, 56],
    "decoder4.conv1": [512, 54, 54],
    "decoder4.conv2": [512, 52, 52],
    "decoder3.conv2": [256, 100, 100],
    "decoder2.conv2": [128, 196, 196],
    "decoder1.conv1": [64, 390, 390],
    "decoder1.conv2": [64, 388, 388],
    head: [2, 388, 388],
  };
  for (const [name, shape] of Object.entries(expected)) assert.equal(shapes.get(name), shape, name);
  assert.is([...shapes.keys()].filter((name) => /conv\d$/.test(name)).length, 18);
});

test("the output is smaller by the paper's margin at every depth", () => {
  const margins = { 1: 16, 2: 40, 3: 88, 4: 184 };
  for (const [depth, margin] of Object.entries(margins)) {
    for (let size = 1; size < 300; size++) {
      let output: number | undefined;
      try {
        output = unetOutputSize(size, Number(depth));
      } catch {}
      if (output !== undefined) assert.is(size - output, margin);
    }
  }
  assert.is(unetOutputSize(572, 4), 388);
  assert.is(unetOutputSize(700, 4), 516);
  assert.is(unetOutputSize(188, 4), 4);
});

test("an invalid tile is met with the nearest valid sizes", () => {
  assert.throws(() => unetOutputSize(285, 4), "sizes are 284 and 300");
  assert.throws(() => unetOutputSize(100, 4), "the nearest valid size is 188");
  assert.equal(nearestInputs(284, 4), { below: 268, above: 300 });
  assert.equal(nearestInputs(188, 4), { above: 204 });
  for (let size = 1; size < 400; size++) {
    const { below, above } = nearestInputs(size, 3);
    assert.ok(above > size && unetOutputSize(above, 3) >= 1);
    if (below !== undefined) assert.ok(below < size && unetOutputSize(below, 3) >= 1);
  }
});

test("a model that cannot be built names the value and the bounds", () => {
  assert.throws(
    () => unet(modelConfig({ base: 0 })),
    /model: base must be a whole number from 1 to 1024, got 0$/,
  );
  assert.throws(
    () => unet(modelConfig({ depth: 2.5 })),
    /depth must be a whole number from 1 to 8, got 2.5/,
  );
  assert.throws(
    () => unet(modelConfig({ classes: 1 })),
    /classes must be a whole number from 2 to 255/,
  );
  assert.throws(
    () => unet(modelConfig({ dropout: 1 })),
    /dropout must be a number from 0 and below 1, got 1/,
  );
});

test("initial weights have the deviation sqrt(2 / N) and biases are zero", () => {
  const { parameters } = unet(modelConfig({ base: 16, depth: 2 }));
  const flat = initialValues(parameters, 3);
  const of = (name: string) => {
    const parameter = parameters.list.find((p) => p.name === name);
    assert.ok(parameter);
    return slice(parameter as NonNullable<typeof parameter>, flat);
  };
  for (const [name, incoming] of [
    ["encoder2.conv2.weight", 32 * 9],
    ["decoder2.up.weight", 64],
    ["bottleneck.conv2.weight", 64 * 9],
  ] as const) {
    const values = of(name);
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    assert.ok(Math.abs(mean) < 0.02, `${name}: mean ${mean}`);
    assert.ok(Math.abs(deviation / Math.sqrt(2 / incoming) - 1) < 0.05, `${name}: ${deviation}`);
  }
  assert.ok(of("encoder2.conv2.bias").every((value) => value === 0));
  assert.equal(flat, initialValues(parameters, 3));
  assert.not.equal(flat, initialValues(parameters, 4));
});

test.run();
