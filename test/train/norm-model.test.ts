// A model with norms: trained, stored, resumed and predicted with.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { statisticsReference } from "../../src/check/references/norm-reference.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input, type Tensor } from "../../src/graph/tensor.js";
import { defineArchitecture } from "../../src/model/define-architecture.js";
import { layerTable } from "../../src/model/layer-table.js";
import type { Layers } from "../../src/model/layers.js";
import { normParameters } from "../../src/model/norm-layers.js";
import { convParameters, parameterTensors } from "../../src/model/parameters.js";
import { mul } from "../../src/ops/formula/arithmetic.js";
import { conv2d } from "../../src/ops/index.js";
import { mean } from "../../src/ops/reduce/reduce.js";
import { createPredictor } from "../../src/predict/predict.js";
import { predictionSpec } from "../../src/predict/tile-graph.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { trainingMemory } from "../../src/train/memory-report.js";
import { createTrainer, type TrainerOptions } from "../../src/train/step.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { noise, relativeError } from "../numbers.js";

const definition = {
  name: "lab.norms",
  fields: { base: { default: 2, whole: true, least: 1, most: 8 } },
  gridStep: () => 1,
  smallest: () => 5,
  parameters: ({
    channels,
    classes,
    base,
  }: {
    channels: number;
    classes: number;
    base: number;
  }) => [
    ...convParameters("one", channels, base, 3),
    ...normParameters("norm1", base),
    ...convParameters("two", base, base, 3).slice(0, 1),
    ...normParameters("norm2", base),
    ...convParameters("head", base, classes, 1),
  ],
  logits: (x: Tensor, { conv, convNorm, norm }: Layers) => {
    const one = convNorm(x, "one", "norm1", { padding: "same", activation: "relu" });
    const two = norm(conv(one, "two", { padding: "same" }), "norm2", { activation: "leakyRelu" });
    return conv(two, "head");
  },
} as const;
const architecture = defineArchitecture(definition);
const model = architecture.model();
const models = [architecture];

const TILE = 12;
const options: TrainerOptions = {
  tile: TILE,
  batch: 1,
  optimizer: "adam",
  learningRate: 1e-2,
  momentum: 0.9,
  seed: 1,
};
const batchOf = (seed: number) => ({
  image: noise(TILE * TILE, seed),
  label: Float32Array.from(noise(TILE * TILE, seed + 50), (value) => Number(value > 0)),
  weight: new Float32Array(TILE * TILE).fill(1),
});

/** A checkpoint after `count` batches, the first `from` of them before a restart. */
async function trained(changes: Partial<TrainerOptions>, count: number, from = 0) {
  const device = await testDevice();
  const { accumulate = 1 } = changes;
  using first = await createTrainer(device, model, { ...options, ...changes });
  for (let i = 0; i < (from || count); i++) first.step(batchOf(i));
  if (from === 0) return await first.checkpoint();
  const file = encodeSafetensors(await first.checkpoint());
  using second = await createTrainer(device, model, { ...options, ...changes, seed: 2 });
  second.restore(decodeSafetensors(file, "first", { models }).tensors, from / accumulate);
  for (let i = from; i < count; i++) second.step(batchOf(i));
  return await second.checkpoint();
}

test("buffers are stored under PyTorch's names, are not weights, and have no moments", async () => {
  assert.is(model.parameters.count, 9 * 2 + 2 + 4 + 9 * 4 + 4 + 4 + 2);
  const { tensors } = await trained({}, 2);
  const names = [...tensors.keys()];
  assert.equal(
    names.filter((name) => name.includes("running")),
    ["norm1", "norm2"].flatMap((norm) => [`${norm}.running_mean`, `${norm}.running_var`]),
  );
  assert.ok(names.includes("optimizer.mean.norm1.weight"));
  assert.equal(tensors.get("norm1.running_var")?.shape, [2]);
});

test("the running averages are PyTorch's, each batch of a step updates them, and weights do not decay them", async () => {
  for (const changes of [{}, { accumulate: 2, weightDecay: 0.5, batch: 2 }]) {
    const { batch = 1 } = changes as Partial<TrainerOptions>;
    const device = await testDevice();
    using trainer = await createTrainer(device, model, { ...options, ...changes });
    const images = [0, 1, 2, 3].map((i) => noise(batch * TILE * TILE, i));
    const expected = [new Float64Array(2), new Float64Array(2).fill(1)];
    const image = input("image", [batch, 1, TILE, TILE]);
    const tensors = parameterTensors(model.parameters);
    const [weight, bias] = ["one.weight", "one.bias"].map((name) => tensors.get(name) as Tensor);
    const before = conv2d(image, weight, bias, { padding: "same" });
    const states = { parameters: trainer.parameters.buffer };
    const plan = await compilePlan(device, {
      name: "one",
      outputs: [before],
      states,
    });
    for (const [i, values] of images.entries()) {
      plan.run({ image: values });
      const one = batchOf(i);
      const repeated = (values: Float32Array) =>
        Float32Array.from({ length: batch * values.length }, (_, at) => values[at % values.length]);
      trainer.step({ image: values, label: repeated(one.label), weight: repeated(one.weight) });
      const pixels = batch * TILE * TILE;
      const sets = { over: "batch", view: [batch, 2, TILE * TILE], groups: 1 } as const;
      const { mean, variance } = statisticsReference(await plan.read(before), sets);
      for (let c = 0; c < 2; c++) {
        expected[0][c] += 0.1 * (mean[c] - expected[0][c]);
        expected[1][c] += 0.1 * ((variance[c] * pixels) / (pixels - 1) - expected[1][c]);
      }
    }
    plan.close();
    const found = await trainer.tensors();
    for (const [i, name] of ["norm1.running_mean", "norm1.running_var"].entries()) {
      assert.ok(relativeError(found.get(name)?.data ?? [], expected[i]) < 1e-5, name);
    }
  }
});

test("a resumed run has the bits of one at one go; recomputing changes none", async () => {
  const plain = encodeSafetensors(await trained({}, 4));
  assert.equal(encodeSafetensors(await trained({ recompute: true }, 4)), plain);
  const all = { accumulate: 2, ema: 0.9, recompute: true, precision: "f16", clipNorm: 1 } as const;
  for (const changes of [{}, all]) {
    const whole = await trained(changes, 8);
    assert.equal(encodeSafetensors(await trained(changes, 8, 4)), encodeSafetensors(whole));
    for (const [name, { data }] of whole.tensors) assert.ok(data.every(Number.isFinite), name);
    if (!("ema" in changes)) continue;
    // The weights to predict with have averaged buffers, the others go on.
    const [averaged, raw] = ["", "optimizer.parameters."].map(
      (prefix) => whole.tensors.get(`${prefix}norm1.running_mean`)?.data as Float32Array,
    );
    assert.ok(relativeError(averaged, raw) > 1e-3);
  }
});

test("prediction normalises by the running averages, folded into the convolution once per plan", async () => {
  const device = await testDevice();
  const checkpoint = await trained({}, 3);
  const spec = predictionSpec(model, 8);
  const state = createState(device, "parameters", model.parameters.floats);
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { ...spec, states, statesAreConstant: true });
  const ops = plan.work.map(({ op }) => op);
  assert.equal(ops.filter((op) => op === "norm").length, 1, "of the leaky ReLU");
  assert.not.ok(ops.includes("fold-norm") || ops.includes("norm-statistics"));
  plan.close();
  state.close();
  using predictor = await createPredictor(device, checkpoint, { models });
  const image = { width: 20, height: 9, channels: 1, data: noise(180, 3) };
  const { probabilities } = await predictor.predict(image, "one");
  using tiled = await createPredictor(device, checkpoint, { models, tile: 8 });
  const pieces = await tiled.predict(image, "one");
  assert.ok(relativeError(pieces.probabilities, Float64Array.from(probabilities)) < 1e-5);
  const rows = layerTable(model, 8).map(({ name, parameters }) => `${name} ${parameters}`);
  assert.equal(rows, ["one 24", "two 36", "norm2 4", "head 6"]);
});

test("its memory is known, and what it needs is said", async () => {
  const device = await testDevice();
  const { bytes } = trainingMemory(device, model, options);
  assert.is(bytes.parameters, model.parameters.floats * 4);
  assert.is(bytes.gradients, model.parameters.trainedFloats * 4);
  const image = input("image", [1, 1, TILE, TILE]);
  const training = { step: input("step", [4]), seed: 1 };
  assert.match(
    messageOf(() => model.logits(image, parameterTensors(model.parameters), training)),
    "norm1: a batch norm updates its running averages: pass a list `updates`",
  );
  const { tensors, metadata } = await trained({}, 1);
  const less = new Map([...tensors].filter(([name]) => name !== "norm2.running_var"));
  assert.match(
    await rejectionOf(createPredictor(device, { tensors: less, metadata }, { models })),
    "the checkpoint has no tensor norm2.running_var",
  );
});

test("norms that see the whole tile are refused, except where the architecture says so", async () => {
  const kinds = { instance: true, group: true, layer: false } as const;
  for (const [kind, isWhole] of Object.entries(kinds)) {
    const own = {
      ...definition,
      name: `lab.${kind}`,
      parameters: (config: Parameters<typeof definition.parameters>[0]) =>
        definition.parameters(config).filter(({ name }) => !name.includes("running")),
      logits: (x: Tensor, { conv, norm }: Layers) => {
        const one = conv(x, "one", { padding: "same" });
        const normed = norm(one, "norm1", { kind: kind as keyof typeof kinds, groups: 2 });
        return conv(
          norm(conv(normed, "two", { padding: "same" }), "norm2", { kind: "layer" }),
          "head",
        );
      },
    };
    if (isWhole) {
      assert.match(
        messageOf(() => defineArchitecture(own).model()),
        /norm1: statistics depends on all pixels of a tile, .* `tileStatistics: true`/,
      );
    } else assert.is(defineArchitecture(own).model().halo, 2);
    const allowed = defineArchitecture({ ...own, tileStatistics: true }).model();
    assert.is(allowed.halo, 2);
    using trainer = await createTrainer(await testDevice(), allowed, options);
    trainer.step(batchOf(1));
    await trainer.verify();
  }
});

test("a mean over the image is refused in the same way, and leaves the halo as it is", () => {
  const own = {
    ...definition,
    name: "lab.mean",
    parameters: (config: Parameters<typeof definition.parameters>[0]) =>
      definition.parameters(config).filter(({ name }) => /^(one|head)/.test(name)),
    logits: (x: Tensor, { conv }: Layers) => {
      const one = conv(x, "one", { padding: "same" });
      return conv(mul(one, mean(one, { axes: [2, 3], keepDims: true, name: "squeeze" })), "head");
    },
  };
  assert.match(
    messageOf(() => defineArchitecture(own).model()),
    "lab.mean: squeeze depends on all pixels of a tile",
  );
  assert.is(defineArchitecture({ ...own, tileStatistics: true }).model().halo, 1);
});

test.run();
