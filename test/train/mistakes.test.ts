// Mistakes in the use of a trainer, a predictor and their settings that would otherwise show as a
// bad result.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { augmentationConfig } from "../../src/data/augmentation-config.js";
import type { Sample } from "../../src/data/image-types.js";
import { createModel } from "../../src/model/architectures.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { trainingMemory } from "../../src/train/memory-report.js";
import { createTrainer, type TrainerOptions } from "../../src/train/step.js";
import { train } from "../../src/train/train.js";
import type { Precision } from "../../src/train/training-types.js";
import { tuneNetwork } from "../../src/train/tune-network.js";
import { countingDevice } from "../alive.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";
import { batch, changed, config, model, OUT, options, TILE, withTrainer } from "./small-trainer.js";

const js = <T>(value: unknown) => value as T;

test("misspelt settings are refused with the nearest", () => {
  assert.match(
    messageOf(() => modelConfig(js({ bass: 4 }))),
    /^modelConfig has no option bass, did you mean base\? It has architecture, base, /,
  );
  assert.match(
    messageOf(() => trainingConfig(js({ step: 4 }))),
    /^trainingConfig has no option step, did you mean steps\? It has tile, /,
  );
  assert.match(
    messageOf(() => augmentationConfig(js({ rotate: 4 }))),
    /^augmentation has no option rotate, did you mean/,
  );
  const none = () => createModel(js<never>(undefined));
  assert.match(
    messageOf(none),
    "createModel: the model's architecture is missing, expected unet, ",
  );
  assert.match(
    messageOf(() => modelConfig(js({ classNmaes: [] }))),
    /^modelConfig has no option classNmaes, did you mean classNames\?/,
  );
});

test("a trainer's options are all there, known and possible, before anything is made", async () => {
  const { device, alive } = countingDevice(await testDevice());
  const message = (changes: object) =>
    rejectionOf(createTrainer(device, model, js({ ...options, ...changes })));
  assert.is(
    await rejectionOf(createTrainer(device, model, js({ tile: TILE }))),
    "createTrainer: batch is missing, expected tile, batch, optimizer, learningRate, momentum, seed",
  );
  assert.is(
    await message({ optimizer: "rmsprop" }),
    'optimizer must be sgd or adam, got "rmsprop"',
  );
  assert.match(await message({ lerningRate: 1 }), "did you mean learningRate?");
  assert.match(await message({ learningRate: Number.NaN }), "learningRate must be");
  assert.match(await message({ precision: "f64" }), "precision must be f32 or f16");
  assert.is(alive.size, 0);
  const rmsprop = js<TrainerOptions>({ ...options, optimizer: "rmsprop" });
  assert.match(
    messageOf(() => trainingMemory(device, model, rmsprop)),
    "optimizer must be",
  );
  assert.match(
    messageOf(() => tuneNetwork(device, model, rmsprop)),
    "optimizer must be",
  );
});

test("NaN or infinity in the image of a batch is refused by its place, and changes nothing", () =>
  withTrainer({}, async (trainer) => {
    trainer.step(batch);
    const at = 5 * TILE + 3;
    assert.is(
      messageOf(() => trainer.step({ ...batch, image: changed(batch.image, at, Number.NaN) })),
      "step 2: the image of tile 0 is NaN at [0,5,3] (channel, row, column), expected finite numbers",
    );
    const infinite = { ...batch, image: changed(batch.image, 0, -Infinity) };
    assert.match(
      await rejectionOf(asRejection(() => trainer.stepInParts(2, infinite))),
      "-Infinity",
    );
    assert.match(await rejectionOf(asRejection(() => trainer.stepTimed(infinite))), "-Infinity");
    assert.is(trainer.stepCount, 1);
    trainer.step(batch);
    assert.is((await trainer.losses()).length, 2);
  }));

const asRejection = async (work: () => unknown) => work();

for (const precision of ["f32", "f16"] as readonly Precision[]) {
  test(`an invalid label and a weight that is not a number are refused in ${precision}`, () =>
    withTrainer({ precision }, (trainer) => {
      const label = changed(batch.label, OUT + 2, 7);
      assert.match(
        messageOf(() => trainer.step({ ...batch, label })),
        /: the label at row 1, column 2 is 7, expected a class from 0 to 1: give unlabelled pixels /,
      );
      const weight = changed(batch.weight, 3, Number.NaN);
      assert.match(
        messageOf(() => trainer.step({ ...batch, weight })),
        /: the weight at row 0, column 3 is NaN, expected a finite number/,
      );
      trainer.step({ ...batch, label, weight: changed(batch.weight, OUT + 2, 0) });
    }));
}

test("a batch of another length or kind is refused", () =>
  withTrainer({}, (trainer) => {
    assert.is(
      messageOf(() => trainer.step({ ...batch, image: new Float32Array(100) })),
      "input image [1,1,28,28] takes 784 values, got 100",
    );
    assert.match(
      messageOf(() => trainer.step({ ...batch, label: js(new BigInt64Array(144)) })),
      /^step 1: label is a BigInt64Array/,
    );
    assert.match(
      messageOf(() => trainer.step(js({ image: batch.image }))),
      /^step 1: label must be an array of numbers, got undefined/,
    );
  }));

test("losses that the ring has lost are named once, and the next call gives the rest", () =>
  withTrainer({}, async (trainer) => {
    for (let step = 0; step < 70; step++) trainer.step(batch);
    assert.is(
      await rejectionOf(trainer.losses()),
      "the losses of steps 1 to 6 are gone: the GPU keeps those of the last 64 steps, which the next " +
        "call gives; call losses() at least that often",
    );
    const steps = (await trainer.losses()).map(({ step }) => step);
    assert.equal([steps.length, steps[0], steps[63]], [64, 7, 70]);
    assert.equal(await trainer.losses(), []);
  }));

test("a predictor refuses invalid checkpoints, options and images", async () => {
  const device = await testDevice();
  using trainer = await createTrainer(device, model, options);
  const checkpoint = await trainer.checkpoint();
  assert.match(
    await rejectionOf(createPredictor(device, js(checkpoint.tensors))),
    /^createPredictor: the checkpoint must have metadata and tensors, got a Map: decode/,
  );
  assert.match(await rejectionOf(createPredictor(device, js(undefined))), "got undefined");
  assert.match(
    await rejectionOf(createPredictor(device, checkpoint, js({ tiles: 28 }))),
    /^createPredictor has no option tiles, did you mean tile\?/,
  );
  for (const symmetries of [1, 2]) {
    using predictor = await createPredictor(device, checkpoint, { symmetries });
    const refused = (image: object) => rejectionOf(predictor.predict(js(image), "picture"));
    const size = { width: 30, height: 20, channels: 1 };
    assert.is(
      await refused({ ...size, data: new Float32Array(10) }),
      "picture: 30 x 20 pixels of 1 channel: it takes 600 values, got 10",
    );
    assert.match(
      await refused({ width: 30, height: 20, data: new Uint8ClampedArray(2400) }),
      /^picture is an ImageData, whose numbers go by pixel .* read it with readImage/,
    );
    assert.match(
      await refused({ width: 30, height: 20, data: new Float32Array(600) }),
      "picture: the channels of an image must be a whole number from 1, got undefined",
    );
    assert.match(await refused({ ...size, data: Array(600).fill(0) }), "a typed array");
    assert.match(await refused({ ...size, width: 30.5, data: new Float32Array(610) }), "got 30.5");
    assert.match(
      await refused({ ...size, maximum: 0, data: new Uint8Array(600) }),
      "the maximum of an image must be a number above 0, got 0",
    );
    assert.match(await refused({ ...size, data: new BigInt64Array(600) }), "BigInt64Array");
  }
});

test("training refuses unknown options, and samples whose data do not fit, by the sample's name", async () => {
  const { device, alive } = countingDevice(await testDevice());
  const image = { width: 40, height: 40, channels: 1, data: noise(1600, 3) };
  const label = { width: 40, height: 40, classes: 2, data: new Uint8Array(1600).fill(1) };
  const refused = (sample: object, more: object = {}) => {
    const training = [js<Sample>({ name: "cells", image, label, ...sample })];
    const data = { training, validation: [] };
    return rejectionOf(train(device, data, config, trainingConfig({ tile: TILE, steps: 1 }), more));
  };
  assert.match(await refused({}, { onevent: () => {} }), "did you mean onEvent?");
  assert.is(
    await refused({ image: { ...image, data: new Float32Array(1599) } }),
    "sample cells: 40 x 40 pixels of 1 channel: it takes 1600 values, got 1599",
  );
  assert.is(
    await refused({ label: { ...label, data: new Uint8Array(1600).fill(7, 45) } }),
    "sample cells: the label is 7 at row 1, column 5, expected a class from 0 to 1, or 255 for " +
      "unlabelled pixels",
  );
  assert.match(
    await refused({ label: { ...label, data: new Uint8Array(100) } }),
    "a label of 40 x 40 pixels: it takes 1600 values, got 100",
  );
  const data = js<{ training: Sample[]; validation: Sample[] }>({ training: [], valid: [] });
  assert.match(
    await rejectionOf(train(device, data, config, trainingConfig({ tile: TILE }))),
    "train: the data must have lists training and validation, got undefined for validation",
  );
  assert.is(alive.size, 0);
});

test.run();
