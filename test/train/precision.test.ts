import { test } from "uvu";
import * as assert from "uvu/assert";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { createSampler } from "../../src/data/tiles.js";
import { unet } from "../../src/model/unet.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer, type Trainer } from "../../src/train/step.js";
import { train } from "../../src/train/train.js";
import type {
  Checkpoint,
  CheckpointTensor,
  Precision,
  TrainingEvent,
} from "../../src/train/training-types.js";
import { testDevice } from "../device.js";

const TILE = 92;
const model = modelConfig({ base: 4, depth: 2, dropout: 0.2 });
const network = unet(model);
const samples = [1, 2, 3].map((seed) => ({
  name: `s${seed}`,
  ...syntheticSample({ seed, width: 96, height: 96 }),
}));
const config = trainingConfig({ tile: TILE, learningRate: 0.003, precision: "f16" });
const { batch } = createSampler({
  samples,
  input: TILE,
  output: network.outputSize(TILE),
  augmentation: AUGMENTATIONS.flips,
  classWeights: "equal",
  seed: 1,
  w0: 0,
  sigma: 5,
});

const create = async (precision: Precision) =>
  createTrainer(await testDevice(), network, { ...config, precision });

/** Steps up to the number `end`; the losses. */
async function steps(trainer: Trainer, end: number): Promise<number[]> {
  for (let step = trainer.stepCount; step < end; step++) trainer.step(batch(step, config.batch));
  return (await trainer.losses()).map(({ loss }) => loss);
}

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test("losses in f16 follow those in f32, in less memory", async () => {
  const run = async (precision: Precision) => {
    const trainer = await create(precision);
    const losses = await steps(trainer, 40);
    const { slotBytes, textureBytes } = trainer.plan.memory;
    const scaling = await trainer.lossScale();
    trainer.close();
    return { losses, bytes: slotBytes + textureBytes, scaling };
  };
  const [full, half] = [await run("f32"), await run("f16")];
  assert.is(full.scaling, undefined);
  assert.equal(half.scaling, { scale: 2 ** 16, skippedSteps: 0 });
  const ratio = half.losses[0] / full.losses[0];
  assert.ok(Math.abs(ratio - 1) < 2e-3, `the first losses differ by a factor of ${ratio}`);
  assert.not.equal(half.losses, full.losses);
  const ends = [full, half].map(({ losses }) => mean(losses.slice(-10)));
  assert.ok(ends[0] < 0.9 * mean(full.losses.slice(0, 10)), `f32 ends at ${ends[0]}`);
  assert.ok(Math.abs(ends[1] / ends[0] - 1) < 0.05, `f32 ends at ${ends[0]}, f16 at ${ends[1]}`);
  assert.ok(half.bytes < full.bytes, `${half.bytes} of ${full.bytes} bytes`);
});

test("gradients are clipped by their norm without the scale", async () => {
  const changes = { optimizer: "sgd", momentum: 0, learningRate: 1, clipNorm: 0.01 } as const;
  const options = { ...config, ...changes };
  const trainer = await createTrainer(await testDevice(), network, options);
  const before = await trainer.tensors();
  trainer.step(batch(0, 1));
  const after = await trainer.tensors();
  trainer.close();
  let squares = 0;
  for (const { name } of network.parameters.list) {
    const [old, now] = [before, after].map((tensors) => tensors.get(name)?.data as Float32Array);
    for (const [i, value] of old.entries()) squares += (now[i] - value) ** 2;
  }
  const moved = Math.sqrt(squares);
  assert.ok(Math.abs(moved / 0.01 - 1) < 1e-3, `the weights moved by ${moved}`);
});

test("two runs in f16 are equal to the bit, and so is one that continues from a checkpoint", async () => {
  const [first, second, third] = [await create("f16"), await create("f16"), await create("f16")];
  const losses = await steps(first, 6);
  const tensors = await first.tensors();
  assert.equal(await steps(second, 6), losses);
  assert.equal(await second.tensors(), tensors);
  await steps(third, 3);
  const half = await third.tensors();
  third.close();
  const rest = await create("f16");
  rest.restore(half, 3);
  assert.equal(await steps(rest, 6), losses.slice(3));
  assert.equal(await rest.tensors(), tensors);
  for (const trainer of [first, second, rest]) trainer.close();
});

/** The tensors of a trainer, with another loss scale. */
async function withScale(trainer: Trainer, scale: number) {
  const tensors = await trainer.tensors();
  const data = Float32Array.of(scale, 1 / scale, 7, 0, 0);
  return new Map([...tensors, ["optimizer.scaling", { shape: [5], data }]]);
}

test("a step that overflows changes no weight and no moment and halves the scale; then training continues", async () => {
  const trainer = await create("f16");
  await steps(trainer, 2);
  // Activations' gradients of about 1e-4 pass 65504.
  const before = await withScale(trainer, 2 ** 42);
  trainer.restore(before, 2);
  await steps(trainer, 3);
  assert.equal(await trainer.lossScale(), { scale: 2 ** 41, skippedSteps: 1 });
  const after = await trainer.tensors();
  for (const [name, tensor] of before) {
    if (name !== "optimizer.scaling") assert.equal(after.get(name), tensor, name);
  }
  const losses = await steps(trainer, 30);
  const scaling = await trainer.lossScale();
  assert.ok(losses.every(Number.isFinite), "the losses are those of the unscaled loss");
  assert.ok(scaling && scaling.skippedSteps < 30 && scaling.scale > 1, JSON.stringify(scaling));
  const parameters = (tensors: ReadonlyMap<string, unknown>) => tensors.get("head.weight");
  assert.not.equal(parameters(await trainer.tensors()), parameters(before));
  trainer.close();
});

test("a run in f16 reports its scale and skipped steps; a stopped and resumed one is the same", async () => {
  const device = await testDevice();
  const data = { training: samples.slice(0, 2), validation: samples.slice(2) };
  const short = { ...config, steps: 6, validateEvery: 3 };
  const run = async (stopAt: number, resume?: Checkpoint) => {
    const events: TrainingEvent[] = [];
    let last: Checkpoint | undefined;
    const stop = new AbortController();
    const result = await train(device, data, model, short, {
      ...(resume ? { resume } : {}),
      signal: stop.signal,
      onEvent(event) {
        events.push(event);
        if (event.type === "validation" && event.step === stopAt) stop.abort();
      },
      onCheckpoint(kind, checkpoint) {
        if (kind === "last") last = checkpoint;
      },
    });
    return { events, last: last as Checkpoint, result };
  };
  const whole = await run(6);
  assert.is(whole.result.skippedSteps, 0);
  const progress = whole.events.filter((event) => event.type === "progress").at(-1);
  assert.equal([progress?.lossScale, progress?.skippedSteps], [2 ** 16, 0]);
  const half = await run(3);
  assert.ok(half.result.steps < 6);
  const rest = await run(6, half.last);
  assert.equal(encodeSafetensors(rest.last), encodeSafetensors(whole.last));
});

test("a run that overflows at any scale ends with an error that explains it", async () => {
  const device = await testDevice();
  const trainer = await create("f16");
  const tensors = await withScale(trainer, 1);
  trainer.close();
  // A channel of activations beyond 65504 that the next layer ignores does not affect the loss.
  (tensors.get("encoder1.conv1.bias") as CheckpointTensor).data[0] = 1e5;
  const { data } = tensors.get("encoder1.conv2.weight") as CheckpointTensor;
  for (let out = 0; out < 4; out++) data.fill(0, out * 36, out * 36 + 9);
  const metadata = {
    model,
    normalisation: { kind: "image" },
    progress: { step: 0, best: undefined },
  } as const;
  const outcome = await train(
    device,
    { training: samples, validation: [] },
    model,
    { ...config, steps: 4 },
    { resume: { tensors, metadata } },
  ).catch((error: Error) => error.message);
  assert.match(
    `${outcome}`,
    /^16 bits overflow at any loss scale: \d steps were skipped by step \d; use precision f32$/,
  );
});

test("a checkpoint of f32 cannot be resumed in f16: it has no loss scale", async () => {
  const [full, half] = [await create("f32"), await create("f16")];
  const tensors = await full.tensors();
  assert.throws(
    () => half.restore(tensors, 0),
    "the checkpoint has no tensor optimizer.scaling [5]: it was not trained in f16",
  );
  full.close();
  half.close();
});

test.run();
