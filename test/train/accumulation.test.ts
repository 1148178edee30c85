import { test } from "uvu";
import * as assert from "uvu/assert";
import { lossReference, unetReference } from "../../src/check/references/unet-reference.js";
import type { Batch } from "../../src/data/tiles.js";
import { TOLERANCES } from "../../src/graph/tolerances.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer, type Trainer } from "../../src/train/step.js";
import type { CheckpointTensor, TrainingConfig } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { noise, relativeError } from "../numbers.js";

const TILE = 60;
const model = unet(modelConfig({ base: 4, depth: 2, dropout: 0.3 }));
const OUT = model.outputSize(TILE);

/** Tiles with fewer and fewer labelled pixels; the last has none. */
function tiles(count: number, seed: number, tile = TILE, out = OUT): Batch[] {
  return Array.from({ length: count }, (_, i) => {
    const first = seed + 10 * i;
    const weight = noise(out ** 2, first + 2).map((value, pixel) =>
      pixel / out ** 2 < i / (count - 1) ? 0 : value + 1.5,
    );
    const label = noise(out ** 2, first + 1).map((value) => Number(value > 0));
    return { image: noise(tile ** 2, first), label, weight };
  });
}

/** The tiles as one batch. */
function joined(batches: readonly Batch[]): Batch {
  const join = (key: keyof Batch) => Float32Array.from(batches.flatMap((b) => [...b[key]]));
  return { image: join("image"), label: join("label"), weight: join("weight") };
}

const create = async (changes: Partial<TrainingConfig>) =>
  createTrainer(await testDevice(), model, trainingConfig({ tile: TILE, ...changes }));

function run(trainer: Trainer, batches: readonly Batch[]): Trainer {
  for (const batch of batches) trainer.step(batch);
  return trainer;
}

/** All weights in one array. */
const flat = (tensors: ReadonlyMap<string, CheckpointTensor>) =>
  Float64Array.from(
    model.parameters.list.flatMap(({ name }) => [...(tensors.get(name)?.data ?? [])]),
  );

test("steps of four tiles one by one equal steps of one batch of four, dropout and unlabelled pixels included", async () => {
  const steps = [tiles(4, 100), tiles(4, 200), tiles(4, 300)];
  for (const recipe of [
    { optimizer: "sgd", learningRate: 0.1, momentum: 0.9 },
    { optimizer: "sgd", learningRate: 0.1, clipNorm: 0.05, weightDecay: 0.1, ema: 0.9 },
  ] as const) {
    const whole = run(await create({ ...recipe, batch: 4 }), steps.map(joined));
    const single = run(await create({ ...recipe, accumulate: 4 }), steps.flat());
    const pairs = run(
      await create({ ...recipe, batch: 2, accumulate: 2 }),
      steps.flatMap((step) => [joined(step.slice(0, 2)), joined(step.slice(2))]),
    );
    const start = await create(recipe);
    const before = flat(await start.tensors());
    const moved = (tensors: Float64Array) => tensors.map((value, i) => value - before[i]);
    const expected = moved(flat(await whole.tensors()));
    const losses = await whole.losses();
    for (const trainer of [single, pairs]) {
      assert.is(trainer.stepCount, 3);
      const off = relativeError(moved(flat(await trainer.tensors())), expected);
      // The change of the weights in three steps, in 32 bits: sums over pixels in another order.
      assert.ok(off < 2e-5, `off by ${off}`);
      for (const [i, { step, loss }] of (await trainer.losses()).entries()) {
        assert.is(step, losses[i].step);
        assert.ok(Math.abs(loss / losses[i].loss - 1) < 1e-5, `${loss}, ${losses[i].loss}`);
      }
      trainer.close();
    }
    whole.close();
    start.close();
  }
});

test("the update follows central differences of the 64-bit loss over all pixels of the batches", async () => {
  const small = unet(modelConfig({ base: 2, depth: 1 }));
  const out = small.outputSize(28);
  const batches = tiles(3, 400, 28, out);
  const options = { tile: 28, accumulate: 3, optimizer: "sgd", learningRate: 1, seed: 2 } as const;
  const trainer = await createTrainer(await testDevice(), small, trainingConfig(options));
  const before = initialValues(small.parameters, 2);
  run(trainer, batches);
  const after = await trainer.parameters.read();
  const [{ loss }] = await trainer.losses();
  trainer.close();

  const weights = new Map(
    small.parameters.list.map((parameter) => [
      parameter.name,
      { shape: parameter.shape, data: Float64Array.from(slice(parameter, before)) },
    ]),
  );
  const { image, label, weight } = joined(batches);
  const map = { shape: [3, 1, 28, 28], data: Float64Array.from(image) };
  const lossOf = () => lossReference(unetReference(map, weights, 1), label, weight);
  assert.ok(Math.abs(loss / lossOf() - 1) < 1e-5, `loss ${loss}, reference ${lossOf()}`);
  const epsilon = 1e-6;
  for (const parameter of small.parameters.list) {
    const values = weights.get(parameter.name)?.data as Float64Array;
    const expected = values.map((value, at) => {
      values[at] = value + epsilon;
      const above = lossOf();
      values[at] = value - epsilon;
      const below = lossOf();
      values[at] = value;
      return (above - below) / (2 * epsilon);
    });
    const [old, now] = [before, after].map((all) => slice(parameter, all));
    const moved = old.map((value, i) => value - now[i]);
    // The gradient's own tolerance, and a rounding of the weight from which it was subtracted.
    const rounding = old.reduce((sum, value) => sum + (value * 2 ** -24) ** 2, 0) ** 0.5;
    const size = Math.hypot(...expected);
    const off = relativeError(moved, expected);
    const bound = TOLERANCES.gradient + (2 * rounding) / size;
    assert.ok(off <= bound, `${parameter.name}: off by ${off}, bound ${bound}`);
  }
});

test.run();
