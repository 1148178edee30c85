// Runs with a loss, metrics, batches, rates and initial values of the caller's.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { createSampler } from "../../src/data/tiles.js";
import { defineArchitecture } from "../../src/model/define-architecture.js";
import type { LossFunction, Model } from "../../src/model/model.js";
import { withInitialValues } from "../../src/model/own-initial-values.js";
import { convParameters, initialValues, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { add, l1Loss, mul, weightedCrossEntropy } from "../../src/operations.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { type TrainOptions, train } from "../../src/train/train.js";
import type {
  Checkpoint,
  OwnBatch,
  TrainingConfig,
  TrainingEvent,
  TrainingResult,
} from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";

const samples = [1, 2].map((seed) => ({
  name: `s${seed}`,
  ...syntheticSample({ seed, width: 64, height: 56 }),
}));
const DATA = { training: samples.slice(0, 1), validation: samples.slice(1) };
const TILE = 24;

const twoHeads = defineArchitecture({
  name: "lab.two-heads",
  fields: { base: { default: 3, whole: true, least: 1, most: 8 } },
  gridStep: () => 1,
  smallest: () => 8,
  parameters: ({ channels, classes, base }) => [
    ...convParameters("one", channels, base, 3),
    ...convParameters("head", base, classes, 1),
    ...convParameters("depth", base, 2, 3),
  ],
  logits: (x, { conv }) => {
    const one = conv(x, "one", { padding: "same", activation: "relu" });
    return { logits: conv(one, "head"), depth: conv(one, "depth", { padding: "same" }) };
  },
});
const models = [twoHeads];

const sampler = createSampler({
  samples: DATA.training,
  input: TILE,
  output: TILE,
  augmentation: trainingConfig().augmentation,
  classWeights: "equal",
  w0: 0,
  sigma: 5,
  seed: 1,
});
/** The label and its opposite, as a target. */
const targetOf = (label: Float32Array) => {
  const pixels = TILE * TILE;
  return Float32Array.from({ length: 2 * label.length }, (_, i) => {
    const [image, channel] = [Math.floor(i / (2 * pixels)), Math.floor(i / pixels) % 2];
    const value = label[image * pixels + (i % pixels)];
    return channel === 0 ? value : 1 - value;
  });
};

async function* batches(first: number): AsyncGenerator<OwnBatch> {
  for (let number = first; ; number++) {
    const batch = sampler.batch(number, 1);
    yield { ...batch, targets: { depth: targetOf(batch.label) } };
  }
}

const bothHeads: LossFunction = ({ logits, outputs, label, weight, targets }) =>
  add(weightedCrossEntropy(logits, label, weight), l1Loss(outputs.depth, targets.depth));
const OWN = { loss: bothHeads, targets: { depth: 2 }, batches };

async function run(
  model: Model,
  changes: Partial<TrainingConfig> = {},
  options: TrainOptions = {},
  data = DATA,
) {
  const events: TrainingEvent[] = [];
  const kept: Partial<Record<"best" | "last", Checkpoint>> = {};
  const settings = { tile: TILE, steps: 6, validateEvery: 6, learningRate: 0.01, ...changes };
  const result: TrainingResult = await train(
    await testDevice(),
    data,
    model,
    trainingConfig(settings),
    {
      ...options,
      onEvent: (event) => void events.push(event),
      onCheckpoint(kind, checkpoint) {
        kept[kind] = checkpoint;
      },
    },
  );
  const steps = events.filter((event) => event.type === "step");
  const validations = events.filter((event) => event.type === "validation");
  const start = events.find((event) => event.type === "start");
  const { last, best } = kept as Record<"best" | "last", Checkpoint>;
  return { result, steps, losses: steps.map(({ loss }) => loss), validations, start, last, best };
}

const small = unet(modelConfig({ base: 2, depth: 1 }));
const plain: LossFunction = ({ logits, label, weight }) =>
  weightedCrossEntropy(logits, label, weight, "loss");

test("the usual loss as a loss of one's own has the same losses and weights, to the bit", async () => {
  for (const changes of [{}, { recompute: true, clipNorm: 1, ema: 0.9 }]) {
    const usual = await run(small, changes);
    const own = await run(small, changes, { loss: plain });
    assert.equal(own.losses, usual.losses);
    assert.equal(own.last.tensors, usual.last.tensors);
  }
});

test("in 16 bits its gradients are scaled, and accumulated batches count the same", async () => {
  const doubled: LossFunction = (tensors) => mul(plain(tensors), 2);
  const single = await run(small, { optimizer: "sgd" }, { loss: doubled });
  const half = await run(small, { optimizer: "sgd", precision: "f16" }, { loss: doubled });
  for (const [i, loss] of single.losses.entries()) {
    // Half floats have 11 bits.
    assert.ok(Math.abs(half.losses[i] / loss - 1) < 5e-3, `${half.losses[i]} for ${loss}`);
  }
  const wide = await run(small, { batch: 2, steps: 3, validateEvery: 3 }, { loss: plain });
  const summed = { batch: 1, accumulate: 2, steps: 3, validateEvery: 3 };
  const parts = await run(small, summed, { loss: plain });
  for (const [i, loss] of wide.losses.entries()) {
    // All pixels of these tiles have weight 1; the sums are rounded differently.
    assert.ok(Math.abs(parts.losses[i] / loss - 1) < 1e-4, `${parts.losses[i]} for ${loss}`);
  }
});

test("two heads learn from labels and targets; a predictor returns either, by tiles too", async () => {
  const settings = { steps: 60, validateEvery: 60, learningRate: 0.02 };
  const { losses, last } = await run(twoHeads.model(), settings, OWN);
  assert.ok(losses[59] < 0.7 * losses[0], `from ${losses[0]} to ${losses[59]}`);
  const checkpoint = decodeSafetensors(encodeSafetensors(last), "two", { models });
  const device = await testDevice();
  const predicted = async (output: string | undefined, tile?: number) => {
    using predictor = await createPredictor(device, checkpoint, { output, tile });
    return await predictor.predict(samples[1].image, "s2");
  };
  const depth = await predicted("depth");
  assert.equal([depth.classes, depth.probabilities.length], [2, 2 * 64 * 56]);
  const small = await predicted("depth", 20);
  const off = small.probabilities.map((value, i) => Math.abs(value - depth.probabilities[i]));
  assert.ok(Math.max(...off) < 1e-5, `tiles are off by ${Math.max(...off)}`);
  // The two planes add up to 1 in the targets.
  const sums = depth.probabilities
    .subarray(0, 64 * 56)
    .map((v, i) => v + depth.probabilities[64 * 56 + i]);
  const mean = sums.reduce((sum, value) => sum + value, 0) / sums.length;
  assert.ok(Math.abs(mean - 1) < 0.3, `${mean}`);
  const [logits, usual] = [await predicted("logits"), await predicted(undefined)];
  const [a, b] = [logits.probabilities[5], logits.probabilities[5 + 64 * 56]];
  assert.ok(Math.abs(1 / (1 + Math.exp(b - a)) - usual.probabilities[5]) < 1e-5);
  assert.match(
    await rejectionOf(predicted("height")),
    'output: the network has no "height" of the size of its logits, it has logits, depth',
  );
});

test("own batches and rates go on in a resumed run, to the bit; a run ends with its batches", async () => {
  const rate = (step: number) => 0.01 * 0.9 ** step;
  const own = { ...OWN, rate };
  const whole = await run(twoHeads.model(), {}, own, { ...DATA, training: [] });
  const half = await run(twoHeads.model(), { steps: 3, validateEvery: 3 }, own);
  const file = decodeSafetensors(encodeSafetensors(half.last), "half", { models });
  const rest = await run(twoHeads.model(), { validateEvery: 3 }, { ...own, resume: file });
  assert.equal([...half.losses, ...rest.losses], whole.losses);
  assert.equal(rest.last.tensors, whole.last.tensors);
  assert.equal(
    whole.steps.map(({ learningRate }) => learningRate),
    [0, 1, 2, 3, 4, 5].map(rate),
  );
  let isClosed = false;
  function* two() {
    try {
      yield sampler.batch(0, 1);
      yield sampler.batch(1, 1);
    } finally {
      isClosed = true;
    }
  }
  const model = unet(modelConfig({ base: 2, depth: 1 }));
  const short = { loss: plain, batches: () => [...two()].map((batch) => cut(batch, model)) };
  const { result, losses } = await run(model, {}, short);
  assert.equal([result.steps, result.reason, losses.length, isClosed], [2, "steps", 2, true]);
});

/** A batch for a network without padding. */
function cut({ image, label, weight }: OwnBatch, model: Model): OwnBatch {
  const side = model.outputSize(TILE);
  const first = (TILE - side) / 2;
  const inner = (map: Float32Array = new Float32Array()) =>
    Float32Array.from(
      { length: side * side },
      (_, i) => map[(first + Math.floor(i / side)) * TILE + first + (i % side)],
    );
  return { image, label: inner(label), weight: inner(weight) };
}

test("metrics of held-out images are means, choose the best checkpoint, and outlive a restart", async () => {
  let calls = 0;
  const metrics = { rising: () => ++calls, none: () => Number.NaN };
  const bestBy = { metric: "rising", better: "low" } as const;
  const settings = { steps: 4, validateEvery: 1 };
  const { validations, best, last, result } = await run(small, settings, { metrics, bestBy });
  assert.equal(
    validations.map((event) => event.metrics?.rising),
    [1, 2, 3, 4],
  );
  assert.equal(
    validations.map((event) => event.best),
    [true, false, false, false],
  );
  assert.ok(Number.isNaN(validations[0].metrics?.none), "a metric without values");
  assert.is(best.metadata.progress?.step, 1);
  assert.is(result.best?.metrics?.rising, 1);
  const resume = decodeSafetensors(encodeSafetensors(last), "last");
  assert.is(resume.metadata.progress?.best?.metrics?.rising, 1);
  const more = { ...settings, steps: 5 };
  const rest = await run(small, more, { metrics, bestBy, resume });
  assert.equal(
    rest.validations.map((event) => event.best),
    [false],
  );
});

test("initial values by name and by function are those of the first step", async () => {
  const valuesOf = (model: Model, name: string) => {
    const parameter = model.parameters.list.find((one) => one.name === name);
    assert.ok(parameter);
    return [
      ...slice(parameter as NonNullable<typeof parameter>, initialValues(model.parameters, 1)),
    ];
  };
  const named = withInitialValues(small, { "head.bias": () => [3, 4], "head.weight": 0.5 });
  assert.equal(valuesOf(named, "head.bias"), [3, 4]);
  assert.equal(valuesOf(named, "head.weight"), [0.5, 0.5, 0.5, 0.5]);
  const other = "encoder1.conv1.weight";
  assert.equal(valuesOf(named, other), valuesOf(small, other));
  const ones = withInitialValues(small, ({ shape }) => (shape.length === 1 ? 1 : undefined));
  assert.equal(valuesOf(ones, "head.bias"), [1, 1]);
  const [plainRun, own] = [await run(small), await run(small, {}, { initial: { "head.bias": 2 } })];
  assert.is.not(own.losses[0], undefined);
  assert.is.not(
    own.last.tensors.get("head.bias")?.data[0],
    plainRun.last.tensors.get("head.bias")?.data[0],
  );
  assert.match(
    messageOf(() => withInitialValues(small, { "heads.bias": 1 })),
    "initial: the model has no parameter heads.bias, it has encoder1.conv1.weight",
  );
  assert.match(
    messageOf(() => withInitialValues(small, { "head.bias": "zeros" as never })),
    'the values of head.bias must be a number, "he" or a function, got zeros',
  );
});

test("a checkpoint that need not fit gives what does, and says what does not and why", async () => {
  const { last: from } = await run(small);
  const wider = unet(modelConfig({ base: 2, depth: 2, classes: 3 }));
  const standing = { tile: 44, steps: 1, validateEvery: 1, learningRate: 1e-37 };
  const three = [1, 2].map((seed) => ({
    name: `three ${seed}`,
    ...syntheticSample({ seed, width: 64, height: 56, classes: 3 }),
  }));
  const data = { training: three.slice(0, 1), validation: three.slice(1) };
  const { start, last } = await run(wider, standing, { from, strict: false }, data);
  const { matched, missing, unused } = start?.partial ?? { matched: [], missing: [], unused: [] };
  assert.equal(
    last.tensors.get("encoder1.conv2.weight"),
    from.tensors.get("encoder1.conv2.weight"),
  );
  assert.ok(matched.includes("encoder1.conv2.bias") && !matched.includes("head.bias"));
  const reason = (list: typeof missing, name: string) =>
    list.find((one) => one.name === name)?.reason;
  assert.is(
    reason(missing, "head.weight"),
    "it is [2,2,1,1] in the checkpoint, [3,2,1,1] in the model",
  );
  assert.is(reason(missing, "encoder2.conv1.weight"), "the checkpoint has no such tensor");
  assert.is(reason(unused, "head.bias"), "it is [2] in the checkpoint, [3] in the model");
  assert.ok(start?.newLayers?.includes("head"));
  assert.ok(!unused.some(({ name }) => name.startsWith("optimizer.")));
  const strange = { from: { ...from, tensors: new Map() }, strict: false };
  assert.match(
    await rejectionOf(run(wider, standing, strange, data)),
    "from: no tensor of the checkpoint fits the model: encoder1.conv1.weight: the checkpoint has no",
  );
  assert.match(
    await rejectionOf(run(small, {}, { strict: false })),
    "strict is for a run with from",
  );
});

test("what cannot be is refused by name", async () => {
  const model = twoHeads.model();
  const said = (options: object) => rejectionOf(run(model, {}, options as TrainOptions));
  assert.match(
    await said({ ...OWN, loss: ({ logits }: { logits: unknown }) => logits }),
    "the loss must be one number, dense [1], got image [1,2,24,24]: use sum or mean",
  );
  assert.match(await said({ ...OWN, loss: 3 }), "the loss must be a function");
  assert.match(
    await said({ ...OWN, targets: { depth: 0 } }),
    "targets.depth must be a number of channels",
  );
  assert.match(await said({ ...OWN, batches: undefined }), "have no targets: give batches too");
  assert.match(await said({ ...OWN, batches: () => 3 }), "batches must return an iterable");
  assert.match(
    await said({ ...OWN, rate: () => Number.NaN }),
    /rate\(0\) must return a learning rate/,
  );
  assert.match(
    await said({ ...OWN, loss: plain }),
    /the loss does not depend on the parameter depth/,
  );
  assert.match(
    await said({ ...OWN, metrics: { own: () => "1" } }),
    "the metric own of s2 is string",
  );
  assert.match(
    await said({ ...OWN, bestBy: { metric: "own", better: "low" } }),
    "a metric of the run (none)",
  );
  const device = await testDevice();
  const options = {
    tile: TILE,
    batch: 1,
    optimizer: "adam",
    learningRate: 0.01,
    momentum: 0.9,
    seed: 1,
  } as const;
  using trainer = await createTrainer(device, model, {
    ...options,
    ...OWN,
    batches: undefined,
  } as typeof options);
  const { image, label, weight } = sampler.batch(0, 1);
  const depth = targetOf(label);
  const step = (batch: object) => messageOf(() => trainer.step(batch as OwnBatch));
  assert.match(
    step({ image, label, weight }),
    "step 1: the batch has no targets.depth, which the step",
  );
  assert.match(
    step({ image, label, weight, targets: { depth, more: depth } }),
    "has targets.more, the run has depth",
  );
  const broken = depth.map((value, i) => (i === 7 ? Number.NaN : value));
  assert.match(
    step({ image, label, weight, targets: { depth: broken } }),
    "targets.depth is NaN at 7",
  );
  trainer.step({ image, label, weight, targets: { depth } });
  assert.is((await trainer.losses()).length, 1);
});

test.run();
