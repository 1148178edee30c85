// Weights that become NaN or infinite are found by the trainer's watch, and are never passed on in
// a checkpoint.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { augmentationConfig } from "../../src/data/augmentation-config.js";
import { createPredictor } from "../../src/predict/predict.js";
import { trainingConfig } from "../../src/train/config.js";
import type { Trainer } from "../../src/train/step.js";
import { train } from "../../src/train/train.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";
import { batch, changed, config, model, TILE, withTrainer } from "./small-trainer.js";

/** The message of the step that throws, and the number of steps done before. */
async function stepsUntilThrown(trainer: Pick<Trainer, "step">, most: number) {
  for (let done = 0; done < most; done++) {
    try {
      trainer.step(batch);
    } catch (error) {
      return { message: (error as Error).message, done };
    }
    await (await testDevice()).idle();
    // Time for reading and describing the fault: a busy machine is not faster for shorter steps.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`${most} steps threw nothing`);
}

for (const value of [Number.NaN, Infinity]) {
  test(`${value} in a weight is found within 20 steps, and a weight is named`, () =>
    withTrainer({}, async (trainer) => {
      const { parameters } = trainer;
      for (let step = 0; step < 3; step++) trainer.step(batch);
      parameters.write(changed(await parameters.read(), model.parameters.list[2].offset, value));
      const { message, done } = await stepsUntilThrown(trainer, 20);
      assert.ok(done <= 20, `${done}`);
      assert.match(
        message,
        /^the weights are no longer finite by step 16: \S+ \[[\d,]+\] is (NaN|-?Infinity) at \[[\d,]+\], and \d+ more /,
      );
      assert.match(message, "use a learning rate below 0.001");
      assert.is(await rejectionOf(trainer.checkpoint()), message);
      assert.is(
        messageOf(() => trainer.step(batch)),
        message,
      );
      assert.ok((await trainer.tensors()).size > 0, "they can still be looked at");
    }));
}

test("a gradient whose square is infinite is found, though its weight only stays the same", () =>
  withTrainer({}, async (trainer) => {
    trainer.step({ ...batch, image: batch.image.map((value) => value * 1e25) });
    const message = await rejectionOf(trainer.verify());
    assert.match(message, /by step 1: optimizer\.square\.\S+ \[[\d,]+\] is Infinity at /);
    const weights = await trainer.parameters.read();
    assert.ok(weights.every((value) => Number.isFinite(value)));
  }));

test("a healthy trainer verifies, with SGD, f16, averages and several batches a step too", async () => {
  for (const changes of [
    {},
    { optimizer: "sgd" },
    { precision: "f16", ema: 0.9, accumulate: 2 },
  ] as const) {
    await withTrainer(changes, async (trainer) => {
      for (let step = 0; step < 34; step++) trainer.step(batch);
      await trainer.verify();
      await trainer.checkpoint();
    });
  }
});

test("a checkpoint with NaN, or with values that do not fit its shapes, is refused by name", () =>
  withTrainer({}, async (trainer) => {
    const device = await testDevice();
    const { tensors, metadata } = await trainer.checkpoint();
    const name = "encoder1.conv1.weight";
    const { shape, data } = tensors.get(name) ?? { shape: [], data: new Float32Array() };
    const withData = (data: Float32Array) => new Map([...tensors, [name, { shape, data }]]);
    const odd = withData(changed(data, 10, Number.NaN));
    const message =
      "the checkpoint's tensor encoder1.conv1.weight [4,1,3,3] is NaN at [1,0,0,1], expected finite numbers";
    assert.is(
      messageOf(() => trainer.restore(odd, 0)),
      message,
    );
    assert.is(await rejectionOf(createPredictor(device, { tensors: odd, metadata })), message);
    assert.match(
      messageOf(() => trainer.restore(withData(data.subarray(1)), 0)),
      "takes 36 values, got 35",
    );
  }));

test("a run of few steps that leaves NaN in its weights hands no checkpoint over", async () => {
  const image = { width: 40, height: 40, channels: 1, data: noise(1600, 3) };
  const label = { width: 40, height: 40, classes: 2, data: new Uint8Array(1600).fill(1, 800) };
  const sample = { name: "cells", image, label };
  const settings = trainingConfig({
    tile: TILE,
    steps: 3,
    learningRate: 1e30,
    augmentation: augmentationConfig(),
  });
  const kept: string[] = [];
  const run = train(
    await testDevice(),
    { training: [sample], validation: [sample] },
    config,
    settings,
    {
      onCheckpoint: (kind) => void kept.push(kind),
    },
  );
  assert.match(await rejectionOf(run), /diverged/);
  assert.equal(kept, []);
});

test.run();
