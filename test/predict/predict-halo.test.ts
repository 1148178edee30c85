import { test } from "uvu";
import * as assert from "uvu/assert";
import { createModel } from "../../src/model/architectures.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { noise } from "../numbers.js";

const model = createModel(modelConfig({ architecture: "fcn8s", base: 2 }));
const flat = initialValues(model.parameters, 9);
const checkpoint: Checkpoint = {
  tensors: new Map(
    model.parameters.list.map((parameter) => {
      const { name, shape } = parameter;
      return [name, { shape, data: slice(parameter, flat) }];
    }),
  ),
  metadata: { model: model.config, normalisation: { kind: "image" } },
};

test("an FCN, which pads its maps with zeros, predicts the same by small tiles as by a large one", async () => {
  const device = await testDevice();
  const [width, height] = [83, 45];
  const data = noise(width * height, 4).map((value) => value / 2 + 0.5);
  const image = { width, height, channels: 1, data };
  const probabilities = async (tile?: number) => {
    const predictor = await createPredictor(device, checkpoint, { tile });
    const prediction = await predictor.predict(image, "image");
    predictor.close();
    return prediction.probabilities;
  };
  const whole = await probabilities(480); // 118 pixels in one pass
  for (const tile of [416, undefined]) {
    const off = (await probabilities(tile)).map((p, i) => Math.abs(p - whole[i]));
    assert.ok(Math.max(...off) <= 1e-5, `tiles of ${tile}: off by ${Math.max(...off)}`);
  }
  assert.ok(new Set(whole.map((p) => Math.round(p * 1e4))).size > 100, "no constant picture");
});

test("a tile of which the halo leaves nothing is refused", async () => {
  const device = await testDevice();
  for (const [tile, message] of [
    [352, /too small to predict with an FCN-8s of base 2, .*: the smallest is 384/],
    [400, /does not fit an FCN-8s: the nearest valid sizes are 384 and 416/],
  ] as const) {
    let error: unknown;
    await createPredictor(device, checkpoint, { tile }).catch((reason) => {
      error = reason;
    });
    assert.match((error as Error).message, message);
  }
});

test.run();
