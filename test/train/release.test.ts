import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { unet } from "../../src/model/unet.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { countingDevice } from "../alive.js";
import { testDevice } from "../device.js";

const CYCLES = 200;

test("200 trainers and predictors that are made, used and released leave nothing on the GPU", async () => {
  const { device, alive } = countingDevice(await testDevice());
  const model = unet(modelConfig({ base: 2, depth: 1 }));
  const { image } = syntheticSample({ seed: 1, width: 20, height: 20 });
  const options = trainingConfig({ tile: 20 });
  const batch = {
    image: image.data,
    label: new Float32Array(16),
    weight: new Float32Array(16).fill(1),
  };
  let most = 0;
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    // Half of them by `using`, half by an explicit call.
    {
      using trainer = await createTrainer(device, model, options);
      trainer.step(batch);
      assert.is((await trainer.losses()).length, 1);
      most = Math.max(most, alive.size);
    }
    const metadata = { model: model.config, normalisation: { kind: "image" } } as const;
    const tensors = new Map(
      model.parameters.list.map(({ name, shape }) => {
        const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
        return [name, { shape, data }];
      }),
    );
    const predictor = await createPredictor(device, { tensors, metadata });
    await predictor.predict(image, "cells");
    predictor.close();
    await device.idle();
    assert.is(alive.size, 0, `after ${cycle + 1} cycles`);
  }
  assert.ok(most > 10, `only ${most} buffers were counted`);
});

test.run();
