import { test } from "uvu";
import * as assert from "uvu/assert";
import { channelScales, type Normalisation } from "../../src/data/normalise.js";
import { syntheticSample } from "../../src/data/synthetic.js";
import { createModel } from "../../src/model/architectures.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig, trainingConfig } from "../../src/train/config.js";
import { checkWeights, startingWeights } from "../../src/train/fine-tune.js";
import { newLayerRemarks } from "../../src/train/new-layers.js";
import { type TrainOptions, train } from "../../src/train/train.js";
import type {
  Checkpoint,
  CheckpointTensor,
  ModelConfig,
  TrainingConfig,
  TrainingEvent,
} from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";

const dataOf = (classes: number) => {
  const samples = [1, 2].map((seed) => ({
    name: `s${seed}`,
    ...syntheticSample({ seed, width: 64, height: 56, classes: classes as 2 | 3 }),
  }));
  return { training: samples.slice(0, 1), validation: samples.slice(1) };
};
const model = modelConfig({ base: 2, depth: 2, dropout: 0.5 });
const base = { tile: 60, steps: 6, validateEvery: 6, learningRate: 0.003 };
/** Too small to change a weight: the weights after a step are the same as before. */
const STANDING = { steps: 1, learningRate: 1e-37 };

async function run(
  changes: Partial<TrainingConfig>,
  options: TrainOptions = {},
  network: ModelConfig = model,
) {
  const events: TrainingEvent[] = [];
  const kept: Partial<Record<"best" | "last", Checkpoint>> = {};
  await train(
    await testDevice(),
    dataOf(network.classes),
    network,
    trainingConfig({ ...base, ...changes }),
    {
      ...options,
      onEvent: (event) => {
        events.push(event);
      },
      onCheckpoint: (kind, checkpoint) => {
        kept[kind] = checkpoint;
      },
    },
  );
  const losses = events.flatMap((event) => (event.type === "step" ? event.loss : []));
  const newLayers = events.flatMap((event) => (event.type === "start" ? event.newLayers : []));
  return { losses, newLayers, last: kept.last as Checkpoint, best: kept.best as Checkpoint };
}

/** A checkpoint of random weights, like a file of another run. */
function untrained(config: ModelConfig, seed = 7): Checkpoint {
  const { parameters } = createModel(config);
  const values = initialValues(parameters, seed);
  // Biases are 0 in every new network: other values show that they come from the checkpoint.
  for (let i = 0; i < values.length; i++) values[i] += 0.01;
  const tensors = parameters.list.map((parameter): [string, CheckpointTensor] => [
    parameter.name,
    { shape: parameter.shape, data: slice(parameter, values) },
  ]);
  const metadata = { model: config, normalisation: { kind: "image" } } as const;
  return { tensors: new Map(tensors), metadata };
}

const differing = (a: Checkpoint["tensors"], b: Checkpoint["tensors"]) =>
  [...a.keys()].filter((name) => Buffer.compare(bytesOf(a.get(name)), bytesOf(b.get(name))) !== 0);
const bytesOf = (tensor: CheckpointTensor | undefined) =>
  Buffer.from(tensor ? Uint8Array.from(new Uint8Array(tensor.data.slice().buffer)) : []);

test("a run from a checkpoint begins with its loss at step 0, and with a fresh optimiser", async () => {
  const before = await run({});
  const from = await run({}, { from: before.last });
  const { tensors, metadata } = before.last;
  // The same weights at the same step, but with the optimizer's state of the previous run.
  const resume = { tensors, metadata: { ...metadata, progress: { step: 0, best: undefined } } };
  const resumed = await run({}, { resume });
  assert.is(from.losses.length, 6);
  assert.is(from.losses[0], resumed.losses[0]);
  assert.is.not(from.losses[0], before.losses[0]);
  assert.is.not(from.losses[2], resumed.losses[2]);
  assert.is(from.last.metadata.progress?.step, 6);
  assert.equal(from.newLayers, []);
  // The best checkpoint has no optimizer state, and none is used.
  const again = await run({}, { from: before.best });
  assert.equal(encodeSafetensors(again.last), encodeSafetensors(from.last), "equal bytes");
});

test("with another number of classes only the head is new, and all else is the checkpoint's", async () => {
  const before = await run({});
  const { last, newLayers } = await run(STANDING, { from: before.last }, { ...model, classes: 3 });
  assert.equal(newLayers, ["head"]);
  assert.equal(differing(before.best.tensors, last.tensors), ["head.weight", "head.bias"]);
  assert.equal(last.tensors.get("head.weight")?.shape, [3, 2, 1, 1]);
  const scratch = createModel({ ...model, classes: 3 }).parameters;
  const [head] = scratch.list.filter(({ name }) => name === "head.weight");
  const expected = slice(head, initialValues(scratch, trainingConfig().seed));
  assert.equal(last.tensors.get("head.weight")?.data, expected, "as the seed gives it");
});

test("a run from averaged weights begins with them, in 16 bits and with an average too", async () => {
  const before = await run({ ema: 0.9 });
  const plain = before.best.tensors;
  assert.is.not(differing(plain, rawWeights(before.last)).length, 0);
  const { last } = await run({ ...STANDING, ema: 0.9, precision: "f16" }, { from: before.last });
  assert.equal(differing(plain, last.tensors), []);
  assert.equal(differing(plain, rawWeights(last)), []);
});

/** The weights that an averaged run trains. */
function rawWeights({ tensors }: Checkpoint): Checkpoint["tensors"] {
  const prefix = "optimizer.parameters.";
  return new Map(
    [...tensors].flatMap(([name, tensor]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), tensor] as const] : [],
    ),
  );
}

test("what depends on classes or channels is new in every architecture, and nothing else", async () => {
  const scores = ["score_fr", "upscore2", "score_pool4"];
  const cases: [ModelConfig, string[]][] = [
    [modelConfig({ base: 2, depth: 2 }), ["head"]],
    [
      modelConfig({ architecture: "fcn8s", base: 1 }),
      [...scores, "upscore_pool4", "score_pool3", "upscore8"],
    ],
    [modelConfig({ architecture: "fcn16s-vgg16", base: 1 }), [...scores, "upscore16"]],
    [modelConfig({ architecture: "fcn32s-vgg16", base: 1 }), ["score_fr", "upscore32"]],
  ];
  for (const [config, expected] of cases) {
    const from = untrained(config);
    const first = config.architecture === "unet" ? "encoder1.conv1" : "conv1_1";
    const changed: [Partial<ModelConfig>, string[]][] = [
      [{ classes: 5 }, expected],
      [{ channels: 3 }, [first]],
      [{ classes: 5, channels: 3 }, [first, ...expected]],
      [{}, []],
    ];
    for (const [changes, layers] of changed) {
      const network = createModel({ ...config, ...changes });
      const { values, newLayers } = await startingWeights(network, from, 3);
      assert.equal(newLayers, layers, config.architecture);
      const scratch = initialValues(network.parameters, 3);
      for (const parameter of network.parameters.list) {
        const { name } = parameter;
        const isNew = layers.includes(name.replace(/\.\w+$/, ""));
        const wanted = isNew ? slice(parameter, scratch) : from.tensors.get(name)?.data;
        assert.equal(slice(parameter, values), wanted, `${config.architecture} ${name}`);
      }
    }
  }
});

test("another network, missing, misshapen and infinite weights are refused by name", async () => {
  const from = untrained(model);
  const message = (work: Promise<unknown>) => work.then(String, (error: Error) => error.message);
  const start = (changes: Partial<ModelConfig>) =>
    message(startingWeights(createModel({ ...model, ...changes }), from, 1));
  assert.match(await start({ base: 4 }), "the checkpoint's network has base 2, got 4");
  assert.match(await start({ depth: 1 }), "the checkpoint's network has depth 2, got 1");
  assert.match(
    await start({ architecture: "fcn8s", depth: 5 }),
    "the checkpoint's network has architecture unet, got fcn8s",
  );
  const damaged = (name: string, tensor?: CheckpointTensor) => {
    const others = [...from.tensors].filter(([other]) => other !== name);
    const tensors = new Map([...others, ...(tensor ? [[name, tensor] as const] : [])]);
    return message(checkWeights({ ...from, tensors }));
  };
  assert.is(await damaged("head.bias"), "the checkpoint has no tensor head.bias");
  assert.match(
    await damaged("head.bias", { shape: [3], data: new Float32Array(3) }),
    "head.bias is [3], but the model expects [2]",
  );
  assert.match(
    await damaged("head.bias", { shape: [2], data: Float32Array.of(0, Number.NaN) }),
    "head.bias holds NaN, expected finite numbers",
  );
  assert.match(await message(run({}, { from, resume: from })), "both from and resume");
});

test("a run normalises by given statistics, in tiles and validations, and hands them on", async () => {
  const [{ image }] = dataOf(2).training;
  const scales = channelScales(image);
  const normalisation: Normalisation = {
    kind: "statistics",
    mean: scales.map(({ mean }) => mean),
    deviation: scales.map(({ deviation }) => deviation),
  };
  const own = await run(STANDING);
  const given = await run(STANDING, { normalisation });
  assert.equal(given.losses, own.losses, "those of the only image for training");
  const figures = ({ last }: typeof own) => last.metadata.progress?.best?.loss;
  assert.is.not(figures(given), figures(own), "the held-out image has others");
  assert.equal(given.last.metadata.normalisation, normalisation);
  const again = await run({ ...STANDING, steps: 2 }, { resume: given.last });
  assert.equal(again.last.metadata.normalisation, normalisation);
  const tuned = await run(STANDING, { from: given.last });
  assert.equal(tuned.last.metadata.normalisation, normalisation);
  for (const [options, message] of [
    [
      { normalisation, resume: given.last },
      "train: got both resume and normalisation, expected one",
    ],
    [
      { normalisation: { ...normalisation, mean: [] } },
      "train: the mean of the normalisation is []",
    ],
  ] as const) {
    assert.match(await rejectionOf(run(STANDING, options)), message);
  }
});

test("what is new is said in a sentence each", () => {
  const three = { ...model, classes: 3 };
  const fcn = modelConfig({ architecture: "fcn8s" });
  assert.equal(newLayerRemarks(model, { ...three, channels: 3 }), [
    "The first layer is new: 1 channel became 3.",
    "The last layer is new: 2 classes became 3.",
  ]);
  assert.equal(newLayerRemarks({ ...fcn, classes: 4 }, fcn), [
    "The last layers are new: 4 classes became 2.",
  ]);
  const named = (...classNames: string[]) => ({ ...model, classNames });
  assert.equal(newLayerRemarks(named("a", "b"), named("a", "b")), []);
  assert.equal(newLayerRemarks(named("a", "b"), named("b", "c")), [
    "The last layer is kept, although the classes have other names: a, b became b, c.",
  ]);
});

test.run();
