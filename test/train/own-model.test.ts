// A custom model in every step of the workflow: examples/own-model.ts.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { predictOwn, resUnet, trainOwn } from "../../examples/own-model.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { writeReport } from "../../src/node/report/report.js";
import {
  createRunFolder,
  type RunConfig,
  readRunFolder,
  recordRun,
} from "../../src/node/run-folder.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { trainingConfig } from "../../src/train/config.js";
import { predictionMemory, trainingMemory } from "../../src/train/memory-report.js";
import { type TrainOptions, train } from "../../src/train/train.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { relativeError } from "../numbers.js";

const samplesOf = (classes: number) =>
  [1, 2].map((seed) => {
    const { image, label } = syntheticSample({ seed, width: 48, height: 40 });
    return { name: `synthetic ${seed}`, image, label: { ...label, classes } };
  });
const models = [resUnet];
const model = resUnet.model({ base: 2, depth: 1 });
const training = trainingConfig({ tile: 24, steps: 4, validateEvery: 2 });
const task = { classNames: ["wall", "inside"] };

async function trained(options: TrainOptions, own = model, config = training) {
  const kept = new Map<string, Checkpoint>();
  let newLayers: readonly string[] | undefined;
  const [held, ...others] = samplesOf(own.config.classes);
  const data = { training: others, validation: [held] };
  await train(await testDevice(), data, own, config, {
    task,
    ...options,
    async onEvent(event) {
      await options.onEvent?.(event);
      if (event.type === "start") newLayers = event.newLayers;
    },
    async onCheckpoint(kind, checkpoint) {
      kept.set(kind, checkpoint);
      await options.onCheckpoint?.(kind, checkpoint);
    },
  });
  const [best, last] = [kept.get("best"), kept.get("last")];
  if (!best || !last) throw new Error("expected checkpoints");
  return { best, last, newLayers };
}

test("the example trains, and predicts from its file if the architecture is passed", async () => {
  const device = await testDevice();
  const draw = (seed: number) => ({
    name: `${seed}`,
    ...syntheticSample({ seed, width: 64, height: 64 }),
  });
  const file = await trainOwn(device, [draw(1), draw(2)], 2);
  const { probabilities } = await predictOwn(device, file, draw(3));
  assert.is(probabilities.length, 2 * 64 * 64);
  assert.ok(probabilities.every((value) => value >= 0 && value <= 1));
  const { metadata } = decodeSafetensors(file, "own", { models });
  assert.equal(metadata.model, resUnet.model({ base: 8 }).config);
  assert.equal(metadata.task, { classNames: ["membrane", "cell"] });
  const checkpoint = decodeSafetensors(file, "own", { models });
  assert.throws(
    () => decodeSafetensors(file, "own"),
    /own: .* is "lab\.res-unet", expected unet, /,
  );
  // Decoded, it brings its architecture along; without, it says what is missing.
  using again = await createPredictor(device, checkpoint);
  assert.equal((await again.predict(draw(3).image, "3")).probabilities, probabilities);
  const { models: _none, ...bare } = checkpoint;
  assert.match(await rejectionOf(createPredictor(device, bare)), "in `models`");
});

test("a run of it is stored in a folder, is resumed from there, and has its report", async () => {
  const parent = await mkdtemp(join(tmpdir(), "micrograph-own-"));
  try {
    const folder = await createRunFolder("own", { output: join(parent, "run") });
    const run: RunConfig = {
      micrograph: "0",
      command: "own",
      name: "own",
      data: "sample",
      training: ["synthetic 2"],
      validation: ["synthetic 1"],
      adapter: "test",
      model: model.config,
      task,
      config: training,
    };
    const half = { ...training, steps: 2 };
    const recorder = await recordRun(folder, { ...run, config: half }, undefined, { models });
    await trained(recorder, model, half);
    assert.match(await rejectionOf(readRunFolder(folder)), /config\.json: .*"lab\.res-unet"/);
    const { config, checkpoint } = await readRunFolder(folder, { models });
    assert.equal([config.model, config.task], [model.config, task]);
    const more = await recordRun(folder, { ...config, config: training }, 2, { models });
    const resumed = resUnet.build(config.model as typeof model.config);
    await trained({ ...more, resume: checkpoint }, resumed);
    const whole = await trained({});
    const last = await readFile(join(folder, "last.safetensors"));
    assert.ok(last.equals(encodeSafetensors(whole.last)), "the bytes of a run at one go");
    const report = await readFile(await writeReport(folder, { models }), "utf8");
    assert.match(report, /lab\.res-unet of base 2, depth 1/);
    assert.match(report, /wall, inside/);
  } finally {
    await rm(parent, { recursive: true });
  }
});

test("its pixels are the same in tiles, and it may be trained on for other classes", async () => {
  const device = await testDevice();
  const { best } = await trained({});
  const [{ image, name }] = samplesOf(2);
  const at = async (tile: number) => {
    using predictor = await createPredictor(device, best, { models, tile });
    return (await predictor.predict(image, name)).probabilities;
  };
  const { halo } = model;
  const whole = await at(model.inputFor(48 + 2 * halo));
  const tiled = await at(model.inputFor(16 + 2 * halo));
  assert.ok(relativeError(tiled, Float64Array.from(whole)) < 1e-6);
  const three = resUnet.model({ base: 2, depth: 1, classes: 3 });
  const { newLayers } = await trained({ from: best, task: undefined }, three);
  assert.equal(newLayers, ["head"]);
  const other = resUnet.model({ base: 3, depth: 1 });
  assert.match(
    await rejectionOf(trained({ from: best }, other)),
    "the checkpoint's network has base 2, got 3, expected the same",
  );
});

test("its memory is known before it is taken", async () => {
  const device = await testDevice();
  const bytes = trainingMemory(device, model, training).bytes;
  assert.ok(bytes.total > bytes.parameters && bytes.parameters > 0);
  assert.is(predictionMemory(device, model, 24).tile, 24);
});

test.run();
