import { test } from "uvu";
import * as assert from "uvu/assert";
import { lossReference, unetReference } from "../../src/check/references/unet-reference.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import { TOLERANCES } from "../../src/graph/tolerances.js";
import { initialValues, parameterTensors, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { gradients, weightedCrossEntropy } from "../../src/ops/index.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { testDevice } from "../device.js";
import { noise, relativeError } from "../numbers.js";

const TILE = 52;
const OUT = 12;

function problem() {
  const model = unet(modelConfig({ base: 2, depth: 2 }));
  const image = noise(TILE * TILE, 5);
  const label = noise(OUT * OUT, 6).map((value) => Number(value > 0));
  const weight = noise(OUT * OUT, 7).map((value) => (value < -0.8 ? 0 : value + 1));
  // With seed 2 every unit is farther from its kink than the step of the differences.
  const flat = initialValues(model.parameters, 2);
  // Biases away from 0, so that their gradients are fully tested.
  for (const parameter of model.parameters.list) {
    if (parameter.init !== 0) continue;
    const values = slice(parameter, flat);
    values.set(noise(values.length, parameter.offset + 1).map((value) => value * 0.1));
  }
  return { model, image, label, weight, flat };
}

test("the loss gradient of a whole U-Net equals central differences of a 64-bit reference", async () => {
  const { model, image, label, weight, flat } = problem();
  assert.is(model.parameters.count, 1886);
  const device = await testDevice();
  const x = input("image", [1, 1, TILE, TILE]);
  const labels = input("label", [1, 1, OUT, OUT]);
  const weights = input("weight", [1, 1, OUT, OUT]);
  const tensors = parameterTensors(model.parameters);
  const loss = weightedCrossEntropy(model.logits(x, tensors), labels, weights, "loss");
  const of = gradients(loss, [...tensors.values()]).filter((tensor) => tensor !== undefined);
  assert.is(of.length, model.parameters.list.length);
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flat);
  const plan = await compilePlan(device, {
    name: "gradient check",
    outputs: [loss, ...of],
    states: { parameters: state.buffer },
  });
  plan.run({ image, label, weight });

  const reference = new Map(
    model.parameters.list.map((parameter) => [
      parameter.name,
      { shape: parameter.shape, data: Float64Array.from(slice(parameter, flat)) },
    ]),
  );
  const map = { shape: [1, 1, TILE, TILE], data: Float64Array.from(image) };
  const lossOf = () => lossReference(unetReference(map, reference, 2), label, weight);
  const [gpuLoss] = await plan.read(loss);
  assert.ok(Math.abs(gpuLoss / lossOf() - 1) < 1e-5, `loss ${gpuLoss}, reference ${lossOf()}`);
  const epsilon = 1e-6;
  for (const [i, parameter] of model.parameters.list.entries()) {
    const values = reference.get(parameter.name)?.data as Float64Array;
    const expected = values.map((value, at) => {
      values[at] = value + epsilon;
      const above = lossOf();
      values[at] = value - epsilon;
      const below = lossOf();
      values[at] = value;
      return (above - below) / (2 * epsilon);
    });
    const off = relativeError(await plan.read(of[i]), expected);
    assert.ok(off <= TOLERANCES.gradient, `${parameter.name}: off by ${off}`);
  }
  plan.close();
  state.close();
});

test("steps on one batch lower its loss, with SGD and with Adam", async () => {
  const { model, image, label, weight } = problem();
  const device = await testDevice();
  for (const [optimizer, learningRate] of [
    ["sgd", 0.1],
    ["adam", 0.01],
  ] as const) {
    const options = trainingConfig({ tile: TILE, optimizer, learningRate, momentum: 0.9 });
    const trainer = await createTrainer(device, model, options);
    for (let i = 0; i < 30; i++) trainer.step({ image, label, weight });
    const losses = await trainer.losses();
    assert.equal(
      losses.map(({ step }) => step),
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
    assert.ok(losses[29].loss < 0.8 * losses[0].loss, `${optimizer}: ${losses[29].loss}`);
    assert.equal(await trainer.losses(), []);
    trainer.close();
  }
});

test("two trainers with one seed give the same weights to the bit, other seeds others", async () => {
  const { model, image, label, weight } = problem();
  const device = await testDevice();
  const run = async (seed: number) => {
    const trainer = await createTrainer(device, model, trainingConfig({ tile: TILE, seed }));
    for (let i = 0; i < 3; i++) trainer.step({ image, label, weight });
    const tensors = await trainer.tensors();
    trainer.close();
    return tensors;
  };
  assert.equal(await run(1), await run(1));
  assert.not.equal(await run(1), await run(2));
});

test("recomputed activations give the same weights to the bit, in less memory", async () => {
  const device = await testDevice();
  const model = unet(modelConfig({ base: 4, depth: 2, dropout: 0.3 }));
  const out = model.outputSize(92) ** 2;
  const batch = {
    image: noise(92 * 92, 5),
    label: noise(out, 6).map((value) => Number(value > 0)),
    weight: noise(out, 7).map((value) => value + 1),
  };
  const run = async (recompute: boolean) => {
    const trainer = await createTrainer(device, model, trainingConfig({ tile: 92, recompute }));
    for (let i = 0; i < 3; i++) trainer.step(batch);
    const result = { tensors: await trainer.tensors(), losses: await trainer.losses() };
    const { slotBytes, textureBytes } = trainer.plan.memory;
    trainer.close();
    return { result, bytes: slotBytes + textureBytes };
  };
  const [kept, again] = [await run(false), await run(true)];
  assert.equal(again.result, kept.result);
  assert.ok(again.bytes < 0.9 * kept.bytes, `${again.bytes} of ${kept.bytes}`);
});

test("with an average the weights to predict with lag, and a checkpoint continues both", async () => {
  const { model, image, label, weight } = problem();
  const device = await testDevice();
  const batch = { image, label, weight };
  const config = trainingConfig({ tile: TILE, ema: 0.9, clipNorm: 1, weightDecay: 0.01 });
  const name = "encoder1.conv1.weight";
  const trainer = await createTrainer(device, model, config);
  const expected = Float64Array.from((await trainer.tensors()).get(name)?.data ?? []);
  for (let t = 0; t < 4; t++) {
    trainer.step(batch);
    const raw = (await trainer.tensors()).get(`optimizer.parameters.${name}`)?.data ?? [];
    const d = (1 + t) / (10 + t);
    for (const [i, value] of expected.entries()) expected[i] = d * value + (1 - d) * raw[i];
  }
  const saved = await trainer.tensors();
  assert.ok(relativeError(saved.get(name)?.data ?? [], expected) < 1e-6);
  trainer.step(batch);
  const after = await trainer.tensors();
  trainer.close();

  const resumed = await createTrainer(device, model, config);
  resumed.restore(saved, 4);
  assert.equal(await resumed.tensors(), saved);
  resumed.step(batch);
  assert.equal(await resumed.tensors(), after);
  resumed.close();
});

test("a closed trainer reports that it is closed, and the device continues", async () => {
  const device = await testDevice();
  const { model, image, label, weight } = problem();
  const create = () => createTrainer(device, model, trainingConfig({ tile: TILE }));
  const trainer = await create();
  trainer.close();
  const reads = [trainer.losses(), trainer.tensors(), trainer.checkpoint()];
  for (const outcome of await Promise.allSettled(reads)) {
    assert.is(outcome.status === "rejected" && outcome.reason.message, "the trainer is closed");
  }
  assert.throws(() => trainer.restore(new Map(), 1), "the trainer is closed");
  assert.throws(() => trainer.step({ image, label, weight }), "closed");
  const another = await create();
  another.step({ image, label, weight });
  assert.is((await another.losses()).length, 1);
  another.close();
});

test("the planned memory of a training step is within 15 % of the live peak", async () => {
  const device = await testDevice();
  const model = unet(modelConfig({ base: 4 }));
  const trainer = await createTrainer(device, model, trainingConfig({ tile: 284 }));
  const { slotBytes, livePeakBytes } = trainer.plan.memory;
  assert.ok(slotBytes <= 1.15 * livePeakBytes, `${slotBytes} bytes, peak ${livePeakBytes}`);
  // Each is compiled before the first step. Winograd on buffers adds seven to the direct kernels.
  assert.ok(trainer.plan.pipelineCount <= 40, `${trainer.plan.pipelineCount} pipelines`);
  trainer.close();
});

test.run();
