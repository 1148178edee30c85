import { test } from "uvu";
import * as assert from "uvu/assert";
import { measurePlan } from "../../src/gpu/plan-bytes.js";
import { input } from "../../src/graph/tensor.js";
import { unet } from "../../src/model/unet.js";
import { relu } from "../../src/ops/index.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { predictionMemory, trainingMemory } from "../../src/train/memory-report.js";
import { createTrainer } from "../../src/train/step.js";
import { bytesOf, countingDevice } from "../alive.js";
import { testDevice } from "../device.js";

const sum = (values: object) =>
  Object.values(values).reduce<number>((total, value) => total + value, 0);

test("the reported memory of a training step is what a trainer allocates, to the byte", async () => {
  const { device, alive } = countingDevice(await testDevice());
  for (const [base, tile, batch, optimizer, recompute, precision, accumulate] of [
    [4, 60, 1, "adam", false, "f32", 1],
    [6, 92, 2, "sgd", true, "f32", 3],
    [4, 92, 1, "sgd", true, "f16", 2],
  ] as const) {
    const model = unet(modelConfig({ base, depth: 2, dropout: 0.1 }));
    const options = trainingConfig({
      ...{ tile, batch, optimizer, recompute, precision, accumulate },
    });
    const pipelines = device.pipelines.count;
    const { bytes, multiplyAdds } = trainingMemory(device, model, options);
    assert.equal([alive.size, device.pipelines.count], [0, pipelines], "nothing is made");
    assert.is(sum(bytes), 2 * bytes.total, "the kinds add up to the total");
    const trainer = await createTrainer(device, model, options);
    assert.is(multiplyAdds, trainer.plan.multiplyAdds);
    const allocated = bytesOf(alive);
    assert.equal([bytes.total, trainer.totalBytes], [allocated, allocated]);
    trainer.close();
    assert.is(bytes.moments, (optimizer === "adam" ? 2 : 1) * bytes.parameters);
    // Bytes by kind are those at the peak of the plan's memory, when no gradient need be alive.
    assert.ok(bytes.activations > 0 && bytes.activationGradients >= 0 && bytes.scratch >= 0);
  }
});

test("the reported memory of prediction is what a predictor allocates, to the byte", async () => {
  const { device, alive } = countingDevice(await testDevice());
  const config = modelConfig({ base: 4, depth: 2 });
  const model = unet(config);
  const { bytes } = predictionMemory(device, model, 92);
  assert.is(bytes.activationGradients + bytes.gradients + bytes.moments, 0);
  const trainer = await createTrainer(device, model, trainingConfig({ tile: 60 }));
  const checkpoint = await trainer.checkpoint();
  trainer.close();
  const image = { width: 40, height: 40, channels: 1, data: new Float32Array(1600) };
  const predictor = await createPredictor(device, checkpoint, { tile: 92 });
  await predictor.predict(image, "grey");
  assert.is(bytes.total, bytesOf(alive));
  predictor.close();
  assert.is(predictionMemory(device, model).tile, model.inputFor(516));
});

test("a training step takes at most a tenth more than what is alive at once, on GPUs and lavapipe", async () => {
  const device = await testDevice();
  const adapters = {
    lavapipe: { kind: "cpu", workgroupSize: 8, subgroups: true, textureSide: 8192 },
    GPU: { kind: "gpu", workgroupSize: 64, subgroups: false, textureSide: 8192 },
  } as const;
  for (const [adapter, capabilities] of Object.entries(adapters)) {
    for (const [base, tile] of [
      [16, 188],
      [16, 284],
      [16, 572],
      [8, 284],
      [32, 284],
    ]) {
      const model = unet(modelConfig({ base }));
      const options = trainingConfig({ tile, optimizer: "sgd" });
      const { bytes } = trainingMemory({ ...device, capabilities }, model, options);
      const share = bytes.total / (bytes.total - bytes.gaps);
      assert.ok(share <= 1.1, `${adapter}, width ${base}, tile ${tile}: ${share} times as much`);
    }
  }
});

test("the largest tensor is reported next to the binding limit, also if it does not fit", async () => {
  const device = await testDevice();
  const x = input("x", [1, 64, 4096, 4096]);
  const { largest, bindingLimit } = measurePlan(device, { name: "large", outputs: [relu(x)] });
  assert.equal([largest.name, largest.bytes], ["x", 64 * 4096 * 4096 * 4]);
  assert.ok(bindingLimit < largest.bytes);
});

test.run();
