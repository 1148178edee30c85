// U-Nets that differ from the paper's: predicted by tiles, trained, resumed, fine-tuned.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { syntheticSample } from "../../src/data/synthetic.js";
import { createModel } from "../../src/model/architectures.js";
import type { BuiltInConfig } from "../../src/model/built-in.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors, encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { type TrainOptions, train } from "../../src/train/train.js";
import type { Checkpoint, TrainingConfig, TrainingEvent } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";

const config = (changes: Partial<BuiltInConfig>) => modelConfig({ base: 2, depth: 2, ...changes });

/** One of each field; instance and group norms take the statistics of a tile. */
const VARIANTS: readonly Partial<BuiltInConfig>[] = [
  { padding: "same" },
  { padding: "same", norm: "batch", residual: true },
  { padding: "same", norm: "batch", normFirst: true, upsampling: "linear-conv", activation: "elu" },
  { padding: "same", downsampling: "strided", activation: "leaky-relu", deepSupervision: true },
  { padding: "same", upsampling: "nearest", residual: true, activation: "silu" },
  { norm: "batch", upsampling: "nearest-conv", activation: "leaky-relu" },
  { residual: true, upsampling: "linear" },
  { padding: "same", widths: "3,4,2" },
];
const TILE_NORMS: readonly Partial<BuiltInConfig>[] = [
  { padding: "same", norm: "instance", residual: true },
  { norm: "group" },
];
const named = (variant: object) => JSON.stringify(variant);

test("each predicts the same by small tiles as by a large one", async () => {
  const device = await testDevice();
  const [width, height] = [45, 37];
  const data = noise(width * height, 4).map((value) => value / 2 + 0.5);
  const image = { width, height, channels: 1, data };
  for (const variant of VARIANTS) {
    const model = createModel(config(variant));
    const flat = initialValues(model.parameters, 9);
    const tensors = new Map(
      model.parameters.list.map((parameter) => {
        const { name, shape } = parameter;
        return [name, { shape, data: slice(parameter, flat) }];
      }),
    );
    const metadata = { model: model.config, normalisation: { kind: "image" } } as const;
    const probabilities = async (side: number) => {
      const tile = model.inputFor(side + 2 * model.halo);
      using predictor = await createPredictor(device, { tensors, metadata }, { tile });
      return (await predictor.predict(image, "image")).probabilities;
    };
    const whole = await probabilities(45);
    const off = (await probabilities(17)).map((p, i) => Math.abs(p - whole[i]));
    assert.ok(Math.max(...off) <= 1e-5, `${named(variant)}: off by ${Math.max(...off)}`);
    assert.ok(new Set(whole.map((p) => Math.round(p * 1e3))).size > 20, "no constant picture");
  }
});

const samples = [1, 2].map((seed) => ({
  name: `s${seed}`,
  ...syntheticSample({ seed, width: 64, height: 56 }),
}));
const SETTINGS = { steps: 4, validateEvery: 4, learningRate: 0.003, batch: 2 };

async function run(
  model: BuiltInConfig,
  changes: Partial<TrainingConfig> = {},
  options: TrainOptions = {},
) {
  const losses: number[] = [];
  let last: Checkpoint | undefined;
  const settings = { ...SETTINGS, tile: createModel(model).inputFor(16), ...changes };
  await train(
    await testDevice(),
    { training: samples.slice(0, 1), validation: samples.slice(1) },
    model,
    trainingConfig(settings),
    {
      ...options,
      onEvent(event: TrainingEvent) {
        if (event.type === "step") losses.push(event.loss);
      },
      onCheckpoint(kind, checkpoint) {
        if (kind === "last") last = checkpoint;
      },
    },
  );
  return { losses, last: last as Checkpoint };
}

test("each trains, is stored, and is resumed to the bit", async () => {
  for (const variant of [...VARIANTS, ...TILE_NORMS]) {
    const model = config(variant);
    const whole = await run(model);
    const half = await run(model, { steps: 2, validateEvery: 2 });
    const file = decodeSafetensors(encodeSafetensors(half.last), "half");
    const rest = await run(model, { validateEvery: 2 }, { resume: file });
    assert.equal([...half.losses, ...rest.losses], whole.losses, named(variant));
    assert.equal(rest.last.tensors, whole.last.tensors, named(variant));
    assert.ok(whole.losses.every(Number.isFinite) && new Set(whole.losses).size > 1);
  }
});

test("the loss falls, with deep supervision and 16 bits too", async () => {
  const variant = { padding: "same", norm: "instance", residual: true, base: 4 } as const;
  const settings = { steps: 40, validateEvery: 40, learningRate: 0.02, tile: 32 };
  for (const [changes, training] of [
    [{}, {}],
    [{ deepSupervision: true }, { precision: "f16" }],
  ] as const) {
    const { losses } = await run(config({ ...variant, ...changes }), { ...settings, ...training });
    const mean = (part: number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
    const [first, last] = [mean(losses.slice(0, 5)), mean(losses.slice(-5))];
    assert.ok(last < 0.8 * first, `from ${first} to ${last}`);
  }
});

test("deep supervision in 16 bits has the losses of 32 bits", async () => {
  const model = config({ padding: "same", deepSupervision: true, depth: 3 });
  const plain = await run(model);
  const half = await run(model, { precision: "f16" });
  for (const [i, loss] of plain.losses.entries()) {
    // Half floats have 11 bits; activations and gradients that wait are rounded once each.
    assert.ok(Math.abs(half.losses[i] / loss - 1) < 5e-3, `${half.losses[i]} for ${loss}`);
  }
});

test("fine-tuning takes the weights of the same network, and refuses another variant", async () => {
  const model = config({ padding: "same", norm: "batch" });
  const { last: from } = await run(model);
  const { last } = await run({ ...model, classes: 2 }, { learningRate: 1e-37, steps: 1 }, { from });
  assert.equal(
    last.tensors.get("encoder1.conv1.weight"),
    from.tensors.get("encoder1.conv1.weight"),
  );
  assert.is(
    await rejectionOf(run(config({ padding: "same", norm: "group" }), {}, { from })),
    "from: the checkpoint's network has norm batch, got group, expected the same",
  );
});

test.run();
