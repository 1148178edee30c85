import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  fcn16sReference,
  type Map64,
  smallFcn8sReference,
} from "../../src/check/references/fcn-reference.js";
import {
  upConv2dReference,
  upConv2dShape,
} from "../../src/check/references/up-conv2d-reference.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { elementCount, input } from "../../src/graph/tensor.js";
import { nodesFor } from "../../src/graph/walk.js";
import { createModel, nearestInput, parameterCount } from "../../src/model/architectures.js";
import { bilinearKernel } from "../../src/model/bilinear.js";
import type { BuiltInConfig } from "../../src/model/built-in.js";
import { receptiveField } from "../../src/model/layer-table.js";
import type { Model } from "../../src/model/model.js";
import { initialValues, parameterTensors, slice } from "../../src/model/parameters.js";
import { modelConfig } from "../../src/train/config.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise, relativeError } from "../numbers.js";

const onVgg16 = { channels: 3, classes: 21 };

test("the FCNs on VGG-16 have the release's numbers of parameters, with 21 classes and RGB", () => {
  const count = (changes: Partial<BuiltInConfig>) => parameterCount(modelConfig(changes));
  assert.is(count({ architecture: "fcn32s-vgg16", ...onVgg16 }), 136_152_917);
  assert.is(count({ architecture: "fcn16s-vgg16", ...onVgg16 }), 134_815_994);
  assert.is(count({ architecture: "fcn8s-vgg16", ...onVgg16 }), 134_489_759);
  assert.is(count({ architecture: "fcn8s", base: 32 }), 5_125_350);
});

/** Shapes without the batch, by the names of the nodes. */
function shapesOf(model: Model, side: number): Map<string, readonly number[]> {
  const x = input("x", [1, model.config.channels, side, side]);
  const logits = model.logits(x, parameterTensors(model.parameters));
  return new Map(nodesFor([logits]).map(({ name, outputs }) => [name, outputs[0].shape.slice(1)]));
}

test("a 500-pixel image, one valid size below, goes through VGG-16's maps and comes out as large", () => {
  const cases = {
    "fcn8s-vgg16": { upscore2: 34, fuse_pool4: 34, upscore_pool4: 70, upscore8: 568 },
    "fcn16s-vgg16": { upscore2: 34, fuse_pool4: 34, upscore16: 560 },
    "fcn32s-vgg16": { upscore32: 544 },
  } as const;
  for (const [architecture, sizes] of Object.entries(cases)) {
    const model = createModel(modelConfig({ architecture: architecture as "unet", ...onVgg16 }));
    const shapes = shapesOf(model, 506);
    assert.equal(shapes.get("conv1_1"), [64, 704, 704]);
    assert.equal(shapes.get("pool3"), [256, 88, 88]);
    assert.equal(shapes.get("pool4"), [512, 44, 44]);
    assert.equal(shapes.get("pool5"), [512, 22, 22]);
    assert.equal(shapes.get("fc6"), [4096, 16, 16]);
    assert.equal(shapes.get("fc7"), [4096, 16, 16]);
    assert.equal(shapes.get("score_fr"), [21, 16, 16]);
    for (const [name, side] of Object.entries(sizes)) {
      assert.equal(shapes.get(name), [21, side, side], `${architecture} ${name}`);
    }
    assert.equal(shapes.get("score"), [21, 506, 506]);
  }
});

test("the small FCN-8s keeps the size of its maps", () => {
  const shapes = shapesOf(createModel(modelConfig({ architecture: "fcn8s", base: 32 })), 96);
  const expected = {
    conv1_2: [32, 96, 96],
    conv2_2: [64, 48, 48],
    conv3_3: [128, 24, 24],
    conv4_3: [256, 12, 12],
    conv5_3: [256, 6, 6],
    fc6: [512, 3, 3],
    fc7: [512, 3, 3],
    score_fr: [2, 3, 3],
    fuse_pool4: [2, 6, 6],
    fuse_pool3: [2, 12, 12],
    upscore8: [2, 96, 96],
  };
  for (const [name, shape] of Object.entries(expected)) assert.equal(shapes.get(name), shape, name);
});

/** The logits of a network with its initial weights, and those weights. */
async function logitsOf(model: Model, side: number) {
  const device = await testDevice();
  const values = initialValues(model.parameters, 5);
  for (const parameter of model.parameters.list) {
    if (parameter.init === 0) slice(parameter, values).set(noise(parameter.shape[0], 3));
  }
  const x = input("x", [1, model.config.channels, side, side]);
  const image = noise(elementCount(x.shape), 9);
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(values);
  const logits = model.logits(x, parameterTensors(model.parameters));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "fcn", outputs: [logits], states });
  plan.run({ x: image });
  const y = await plan.read(logits);
  plan.close();
  state.close();
  const map: Map64 = { shape: x.shape, data: Float64Array.from(image) };
  const weights = new Map(
    model.parameters.list.map((parameter) => {
      const { name, shape } = parameter;
      return [name, { shape, data: slice(parameter, values) }];
    }),
  );
  return { y, map, weights };
}

// About 20 layers, with Winograd if the adapter prefers it: the tolerance of one such layer, 5e-5,
// times what the ReLUs and poolings in between leave of it.
const NETWORK_TOLERANCE = 1e-4;

test("the small FCN-8s equals the reference", async () => {
  const model = createModel(modelConfig({ architecture: "fcn8s", base: 2, classes: 3 }));
  const { y, map, weights } = await logitsOf(model, 64);
  const off = relativeError(y, smallFcn8sReference(map, weights).data);
  assert.ok(off < NETWORK_TOLERANCE, `off by ${off}`);
});

test("the FCN-16s on VGG-16 equals the reference, padding and crops included", async () => {
  const config = { architecture: "fcn16s-vgg16", base: 1, channels: 3 } as const;
  const { y, map, weights } = await logitsOf(createModel(modelConfig(config)), 26);
  const off = relativeError(y, fcn16sReference(map, weights).data);
  assert.ok(off < NETWORK_TOLERANCE, `off by ${off}`);
});

test("up-convolutions start as bilinear interpolation of each class separately", () => {
  assert.equal([...bilinearKernel(3)], [0.25, 0.5, 0.25, 0.5, 1, 0.5, 0.25, 0.5, 0.25]);
  const { parameters } = createModel(modelConfig({ architecture: "fcn8s", base: 1, classes: 3 }));
  const flat = initialValues(parameters, 1);
  const ramp = Float64Array.from({ length: 3 * 36 }, (_, at) => {
    const [c, i, j] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6];
    return c + 2 * i - j;
  });
  for (const stride of [2, 8]) {
    const parameter = parameters.list.find(
      ({ name }) => name === (stride === 2 ? "upscore2.weight" : "upscore8.weight"),
    );
    assert.ok(parameter);
    const weight = slice(parameter as NonNullable<typeof parameter>, flat);
    const sizes = { x: [1, 3, 6, 6], outs: 3, kernel: 2 * stride, stride, padding: stride / 2 };
    const y = upConv2dReference(sizes, ramp, weight);
    const [, , h, w] = upConv2dShape(sizes);
    for (let at = 0; at < y.length; at++) {
      const [c, u, v] = [Math.floor(at / (h * w)), Math.floor(at / w) % h, at % w];
      // Past the border a pixel is between four of the ramp.
      if ([u, v].some((row) => row < stride / 2 || row >= h - stride / 2)) continue;
      const [i, j] = [u, v].map((row) => (row + 0.5) / stride - 0.5);
      assert.ok(Math.abs(y[at] - (c + 2 * i - j)) < 1e-5, `stride ${stride}, ${[c, u, v]}`);
    }
  }
});

test("an invalid tile or depth is met with what is valid", () => {
  const small = createModel(modelConfig({ architecture: "fcn8s" }));
  assert.is(
    messageOf(() => small.outputSize(284)),
    "a tile of 284 pixels does not fit an FCN-8s: the nearest valid sizes are 256 and 288",
  );
  assert.is(small.inputFor(33), 64);
  assert.is(nearestInput(small, 284), 288);
  assert.is(nearestInput(small, 5), 32);
  assert.is(nearestInput(createModel(modelConfig()), 290), 284);
  const large = createModel(modelConfig({ architecture: "fcn32s-vgg16" }));
  assert.is(
    messageOf(() => large.outputSize(20)),
    "a tile of 20 pixels does not fit an FCN-32s on VGG-16: the nearest valid size is 26",
  );
  assert.is(large.inputFor(500), 506);
  assert.is(
    messageOf(() => createModel(modelConfig({ architecture: "fcn8s", depth: 4 }))),
    "model: the depth of an FCN must be 5 poolings, got 4",
  );
  assert.is(
    messageOf(() => createModel(modelConfig({ architecture: "fcn4s" as "fcn8s" }))),
    'model: the architecture is "fcn4s", expected unet, fcn8s, fcn8s-vgg16, ' +
      "fcn16s-vgg16, fcn32s-vgg16",
  );
});

test("an output pixel of VGG-16's FCN-32s sees 404 pixels through one score, 436 between two", () => {
  const model = createModel(modelConfig({ architecture: "fcn32s-vgg16", base: 1 }));
  assert.equal(receptiveField(model), { smallest: 436, largest: 436 });
});

test.run();
