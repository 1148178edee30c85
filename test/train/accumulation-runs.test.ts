import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { unet } from "../../src/model/unet.js";
import { batchWorkers } from "../../src/node/batch-workers.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { trainingMemory } from "../../src/train/memory-report.js";
import { createTrainer } from "../../src/train/step.js";
import { type TrainOptions, train } from "../../src/train/train.js";
import type { Checkpoint, TrainingConfig, TrainingEvent } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise } from "../numbers.js";

const samples = [1, 2, 3].map((seed) => ({
  name: `s${seed}`,
  ...syntheticSample({ seed, width: 64, height: 64 }),
}));
const model = modelConfig({ base: 4, depth: 1, dropout: 0.2 });
const short = { tile: 28, steps: 4, accumulate: 3, validateEvery: 2, learningRate: 0.01 } as const;

/** A run on two images with one held out; `stopAt` ends it at the validation of that step. */
async function run(
  changes: Partial<TrainingConfig>,
  { stopAt, ...options }: TrainOptions & { readonly stopAt?: number } = {},
) {
  const events: TrainingEvent[] = [];
  let last: Checkpoint | undefined;
  const stop = new AbortController();
  const data = { training: samples.slice(0, 2), validation: samples.slice(2) };
  const config = trainingConfig({ ...short, ...changes });
  const result = await train(await testDevice(), data, model, config, {
    ...options,
    signal: stop.signal,
    onEvent(event) {
      events.push(event);
      if (event.type === "validation" && event.step === stopAt) stop.abort();
    },
    onCheckpoint(kind, checkpoint) {
      if (kind === "last") last = checkpoint;
    },
  });
  const losses = events.flatMap((event) => (event.type === "step" ? event.loss : []));
  return {
    events,
    losses,
    result,
    last: last as Checkpoint,
    bytes: encodeSafetensors(last as Checkpoint),
  };
}

test("steps, validations and losses are counted in steps; the tiles are those of large batches", async () => {
  const single = await run({});
  assert.is(single.result.steps, 4);
  assert.is(single.losses.length, 4);
  const validated = single.events.flatMap((event) =>
    event.type === "validation" ? event.step : [],
  );
  assert.equal(validated, [2, 4]);
  assert.is(single.last.metadata.progress?.step, 4);
  const large = await run({ batch: 3, accumulate: 1 });
  for (const [i, loss] of single.losses.entries()) {
    // Adam amplifies the rounding of small gradients.
    assert.ok(Math.abs(loss / large.losses[i] - 1) < 1e-3, `${single.losses}; ${large.losses}`);
  }
  assert.ok(Math.abs(single.losses[0] / large.losses[0] - 1) < 1e-6, "the first losses");
});

test("two runs are equal to the bit, with threads, in several submits, with a profile, in f32 and in f16", async () => {
  for (const precision of ["f32", "f16"] as const) {
    const first = await run({ precision });
    assert.equal((await run({ precision }, { openBatches: batchWorkers(2) })).bytes, first.bytes);
    const parts = await run({ precision }, { submits: 3 });
    assert.equal([parts.losses, parts.bytes], [first.losses, first.bytes]);
    const ops: string[] = [];
    const timed = await run(
      { precision },
      {
        profile: true,
        onProfile: ({ nodes }) => void ops.push(...nodes.map(({ kernel }) => kernel)),
      },
    );
    assert.equal(timed.bytes, first.bytes);
    for (const op of ["accumulate", "adam"]) assert.ok(ops.includes(op), `${op} of ${ops}`);
  }
});

test("a run that was stopped and resumed ends as one that was not, to the bit", async () => {
  for (const changes of [{}, { precision: "f16", ema: 0.9, clipNorm: 1 }] as const) {
    const whole = await run(changes);
    const half = await run(changes, { stopAt: 2 });
    assert.ok(half.result.steps < 4, `stopped after ${half.result.steps} steps`);
    const rest = await run(changes, { resume: half.last });
    assert.equal(rest.bytes, whole.bytes);
  }
});

const network = unet(model);
const out = network.outputSize(28) ** 2;
const batch = (seed: number, weight = 1) => ({
  image: noise(28 * 28, seed),
  label: noise(out, seed + 1).map((value) => Number(value > 0)),
  weight: new Float32Array(out).fill(weight),
});

test("a checkpoint within a step is that of the step before, and a trainer continues from there", async () => {
  const device = await testDevice();
  const create = () => createTrainer(device, network, trainingConfig(short));
  const trainer = await create();
  const batches = [1, 2, 3, 4, 5, 6].map((seed) => batch(10 * seed));
  for (const each of batches.slice(0, 3)) trainer.step(each);
  const saved = await trainer.checkpoint();
  trainer.step(batches[3]);
  trainer.step(batches[4]);
  assert.equal([trainer.stepCount, trainer.batchCount], [1, 5]);
  assert.equal(await trainer.checkpoint(), saved);
  assert.is((await trainer.losses()).length, 1);
  trainer.step(batches[5]);
  const after = await trainer.tensors();
  const other = await create();
  // The batch of an unfinished step leaves no trace.
  other.step(batch(99));
  other.restore(saved.tensors, 1);
  for (const each of batches.slice(3)) other.step(each);
  assert.equal(await other.tensors(), after);
  trainer.close();
  assert.throws(() => trainer.step(batches[0]), "closed");
  other.step(batches[0]);
  other.close();
});

test("an overflow in any batch of a step skips the step and halves the scale once", async () => {
  const device = await testDevice();
  const options = trainingConfig({ ...short, precision: "f16" });
  for (const bad of [0, 1, 2]) {
    const trainer = await createTrainer(device, network, options);
    for (let i = 0; i < 3; i++) trainer.step(batch(i));
    const before = await trainer.tensors();
    // Gradients of 16 bits end at 65504.
    for (let i = 0; i < 3; i++) trainer.step(batch(10 + i, i === bad ? 1e6 : 1));
    assert.equal(await trainer.lossScale(), { scale: 2 ** 15, skippedSteps: 1 }, `batch ${bad}`);
    const skipped = await trainer.tensors();
    assert.equal(skipped.get("head.weight"), before.get("head.weight"));
    assert.equal(
      skipped.get("optimizer.mean.head.weight"),
      before.get("optimizer.mean.head.weight"),
    );
    for (let i = 0; i < 3; i++) trainer.step(batch(20 + i));
    assert.equal(await trainer.lossScale(), { scale: 2 ** 15, skippedSteps: 1 });
    assert.not.equal((await trainer.tensors()).get("head.weight"), before.get("head.weight"));
    trainer.close();
  }
});

test("any number of batches takes the memory of one and a second buffer of gradients", async () => {
  const device = await testDevice();
  const memory = (accumulate: number) =>
    trainingMemory(device, network, trainingConfig({ ...short, accumulate })).bytes;
  const [one, two, many] = [memory(1), memory(2), memory(1000)];
  assert.equal(many, two);
  assert.is(two.gradients, 2 * one.gradients);
  // The mean of the losses, three numbers of the batch, and the sizes of two dispatches.
  const more = two.total - one.total - one.gradients;
  assert.ok(more <= 1024, `${more} bytes`);
});

test("a loss scale, a clip or a mean of batches keeps no activation longer than a step without", async () => {
  const device = await testDevice();
  const deep = unet(modelConfig({ base: 4, depth: 3 }));
  const alive = (changes: Partial<TrainingConfig>) => {
    const { bytes } = trainingMemory(device, deep, trainingConfig({ tile: 140, ...changes }));
    return bytes.activations + bytes.recomputed + bytes.activationGradients + bytes.scratch;
  };
  const plain = alive({});
  for (const changes of [{ accumulate: 2 }, { clipNorm: 1 }]) {
    assert.is(alive(changes), plain, JSON.stringify(changes));
  }
  assert.is(alive({ recompute: true, accumulate: 2, clipNorm: 1 }), alive({ recompute: true }));
  const wide = unet(modelConfig({ base: 16 }));
  const planBytes = (precision: "f32" | "f16") => {
    const { bytes } = trainingMemory(device, wide, trainingConfig({ tile: 284, precision }));
    return bytes.total - bytes.parameters - bytes.gradients - bytes.moments;
  };
  const [full, half] = [planBytes("f32"), planBytes("f16")];
  assert.ok(half < 0.85 * full, `${half} of ${full} bytes`);
});

test("a number of batches that cannot be is an error", () => {
  for (const accumulate of [0, 1.5, -2, Number.NaN]) {
    assert.is(
      messageOf(() => trainingConfig({ accumulate })),
      `accumulate must be a whole number from 1, got ${accumulate}`,
    );
  }
});

test.run();
