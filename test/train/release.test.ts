import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import type { Device } from "../../src/gpu/device.js";
import { unet } from "../../src/model/unet.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createPredictor } from "../../src/train/predict.js";
import { createTrainer } from "../../src/train/step.js";
import { testDevice } from "../device.js";

const CYCLES = 200;

/** The device, and the buffers and textures made on it that are not destroyed. */
function counted(device: Device): { device: Device; alive: Set<object> } {
  const alive = new Set<object>();
  const watched = <T extends { destroy(): undefined }>(made: T): T => {
    alive.add(made);
    const destroy = made.destroy.bind(made);
    made.destroy = () => {
      alive.delete(made);
      return destroy();
    };
    return made;
  };
  const gpu = new Proxy(device.gpu, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const call = value.bind(target);
      if (name !== "createBuffer" && name !== "createTexture") return call;
      return (descriptor: never) => watched(call(descriptor));
    },
  });
  return { device: { ...device, gpu }, alive };
}

test("200 trainers and predictors that are made, used and released leave nothing on the GPU", async () => {
  const { device, alive } = counted(await testDevice());
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
