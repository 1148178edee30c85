// Networks that read more than an image: planes as large as it, and numbers.

import { test } from "uvu";
import * as assert from "uvu/assert";
import { defineArchitecture } from "../../src/model/define-architecture.js";
import type { ModelConfig, NetworkInput } from "../../src/model/model.js";
import { convParameters, type ParameterSpec } from "../../src/model/parameters.js";
import { add, concat, matmul, reshape, toImage } from "../../src/operations.js";
import { createPredictor } from "../../src/predict/predict.js";
import { predictTiles } from "../../src/predict/predict-tiles.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { trainingConfig } from "../../src/train/config.js";
import { createTrainer } from "../../src/train/step.js";
import { train } from "../../src/train/train.js";
import type { Checkpoint, OwnBatch } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";

const TILE = 16;
const CLASSES = 2;

/** Reads marks [1][height][width] and a dose [2]. */
const guided = defineArchitecture({
  name: "lab.guided",
  fields: {},
  gridStep: () => 1,
  smallest: () => 8,
  inputs: () => ({ marks: { channels: 1 }, dose: { values: 2 } }),
  parameters: ({ channels, classes }): ParameterSpec[] => [
    ...convParameters("both", channels + 1, classes, 5),
    { name: "dose.weight", shape: [2, classes], init: 0.01 },
  ],
  logits(x, { conv, get, input }) {
    const seen = conv(concat([x, input("marks")], 1), "both", { padding: "same" });
    const pushed = matmul(input("dose"), get("dose.weight"));
    return add(seen, toImage(reshape(pushed, [x.shape[0], seen.shape[1], 1, 1])));
  },
});
/** The same of an image of two channels, without the dose. */
const plain = defineArchitecture({
  name: "lab.plain",
  fields: {},
  gridStep: () => 1,
  smallest: () => 8,
  parameters: ({ channels, classes }) => convParameters("both", channels, classes, 5),
  logits: (x, { conv }) => conv(x, "both", { padding: "same" }),
});
const models = [guided, plain];

const weight = { shape: [CLASSES, 2, 5, 5], data: values(CLASSES * 50, 1) };
const bias = { shape: [CLASSES], data: Float32Array.of(0.2, -0.1) };
const shared = { "both.weight": weight, "both.bias": bias };
const checkpointOf = (config: ModelConfig, more: Record<string, typeof weight>): Checkpoint => ({
  tensors: new Map(Object.entries({ ...shared, ...more })),
  metadata: {
    model: config,
    normalisation: {
      kind: "statistics",
      mean: [0, 0].slice(0, config.channels),
      deviation: [1, 1].slice(0, config.channels),
    },
  },
  models,
});
const DOSE = { shape: [2, CLASSES], data: Float32Array.of(1, -1, 0.5, 2) };
const ofGuided = checkpointOf(guided.model().config, { "dose.weight": DOSE });

function values(count: number, seed: number): Float32Array {
  return noise(count, seed);
}

async function using(
  checkpoint: Checkpoint,
  options: object,
  work: (p: Predictor) => Promise<void>,
) {
  const predictor = await createPredictor(await testDevice(), checkpoint, options);
  try {
    await work(predictor);
  } finally {
    predictor.close();
  }
}

test("planes are cut into the tiles of the image, in every view", async () => {
  const [width, height] = [37, 29];
  const [data, marks] = [values(width * height, 2), values(width * height, 3)];
  const dose = Float32Array.of(0.3, -0.7);
  const both = Float32Array.of(...data, ...marks);
  const inPlain = checkpointOf(plain.model({ channels: 2 }).config, {});
  // The dose adds to the logits: as much to the bias.
  const pushed = [0, 1].map((k) => dose[0] * DOSE.data[k] + dose[1] * DOSE.data[CLASSES + k]);
  const moved = { shape: [CLASSES], data: bias.data.map((value, k) => value + pushed[k]) };
  const tensors = new Map([...inPlain.tensors, ["both.bias", moved]]);
  for (const options of [{}, { tile: 20 }, { tile: 24, symmetries: 6 }]) {
    let expected = new Float32Array();
    await using({ ...inPlain, tensors }, options, async (predictor) => {
      const image = { width, height, channels: 2, data: both };
      expected = (await predictor.predict(image, "both")).probabilities as typeof expected;
    });
    await using(ofGuided, options, async (predictor) => {
      const image = { width, height, channels: 1, data };
      const { probabilities } = await predictor.predict(image, "one", { marks, dose });
      const worst = Math.max(...probabilities.map((value, i) => Math.abs(value - expected[i])));
      assert.ok(worst < 1e-6, `${JSON.stringify(options)}: ${worst}`); // a few roundings of values up to 1
    });
  }
});

test("planes of another size are resampled to that of the image", async () => {
  const [width, height] = [12, 8];
  const image = { width, height, channels: 1, data: values(width * height, 2) };
  const dose = Float32Array.of(0.3, -0.7);
  // A ramp along x stays a ramp except at its ends.
  const ramp = Float32Array.from({ length: 24 }, (_, i) => i % 6);
  const wide = (i: number) => Math.min(5, Math.max(0, (i % width) / 2 - 0.25));
  await using(ofGuided, {}, async (predictor) => {
    const of = async (marks: object) => {
      const inputs = { marks, dose } as unknown as { marks: Float32Array };
      return (await predictor.predict(image, "a", inputs)).probabilities as Float32Array;
    };
    const near = async (marks: object, expected: (i: number) => number) => {
      const by = await of(Float32Array.from({ length: width * height }, (_, i) => expected(i)));
      const worst = Math.max(...(await of(marks)).map((value, i) => Math.abs(value - by[i])));
      assert.ok(worst < 1e-6, `${worst}`); // a few roundings of values up to 1
    };
    await near({ width: 6, height: 4, data: ramp }, wide);
    await near(
      { width, height, data: values(width * height, 5) },
      (i) => values(width * height, 5)[i],
    );
    await near({ width: 1, height: 1, data: Float32Array.of(0.5) }, () => 0.5);
    // A ramp of 24 columns: 2 x + 0.5 in the middle; at the ends one of the four columns is missing.
    const long = Float32Array.from({ length: 24 * 16 }, (_, i) => (i % 24) / 24);
    const ends = new Map([
      [0, (3 * 0 + 3 * 1 + 2) / 7],
      [11, (21 + 3 * 22 + 3 * 23) / 7],
    ]);
    await near({ width: 24, height: 16, data: long }, (i) => {
      return (ends.get(i % width) ?? 2 * (i % width) + 0.5) / 24;
    });
  });
});

/** Images are noise; only the marks and the dose say which class a pixel has. */
function sample(seed: number, side: number) {
  const pixels = side * side;
  const image = values(pixels, seed);
  const marks = Float32Array.from(image, (_, i) => (Math.floor(i / side / 4) + seed) % 2);
  const isMore = seed % 3 === 0;
  const label = Float32Array.from(marks, (mark) => (isMore ? 1 : mark));
  return { image, label, inputs: { marks, dose: Float32Array.of(isMore ? 4 : 0, 1) } };
}

function* batches(first: number): Generator<OwnBatch> {
  for (let number = first; ; number++) {
    const [one, two] = [sample(2 * number, TILE), sample(2 * number + 1, TILE)];
    const joined = (of: (s: typeof one) => Float32Array) => Float32Array.of(...of(one), ...of(two));
    yield {
      image: joined((s) => s.image),
      label: joined((s) => s.label),
      weight: new Float32Array(2 * TILE * TILE).fill(1),
      inputs: { marks: joined((s) => s.inputs.marks), dose: joined((s) => s.inputs.dose) },
    };
  }
}

const held = [1, 3].map((seed) => {
  const { image, label, inputs } = sample(seed, 24);
  const size = { width: 24, height: 24 };
  return {
    name: `held ${seed}`,
    image: { ...size, channels: 1, data: image },
    label: { ...size, classes: CLASSES, data: Uint8Array.from(label) },
    inputs,
  };
});
const config = trainingConfig({
  tile: TILE,
  batch: 2,
  steps: 120,
  optimizer: "adam",
  learningRate: 0.05,
});

test("training and validation read the inputs of batches and samples", async () => {
  let wrong = 1;
  await train(await testDevice(), { training: [], validation: held }, guided.model(), config, {
    batches,
    onEvent(event) {
      if (event.type === "validation") wrong = event.wrongPixels;
    },
  });
  // Without the inputs nothing tells the classes apart: a third to a half of the pixels is wrong.
  assert.ok(wrong < 0.02, `${wrong} of the pixels are wrong`);
});

test("the halo counts what planes besides the image are seen through", () => {
  const deep = defineArchitecture({
    name: "lab.deep",
    fields: {},
    gridStep: () => 1,
    smallest: () => 12,
    inputs: () => ({ marks: { channels: 1 } }),
    parameters: ({ classes }) => [
      ...convParameters("near", 1, classes, 3),
      ...convParameters("far", 1, classes, 7),
    ],
    logits: (x, { conv, input }) =>
      add(conv(x, "near", { padding: "same" }), conv(input("marks"), "far", { padding: "same" })),
  });
  assert.is(deep.model().halo, 3);
});

test("inputs that are missing, too many or of another size are errors", async () => {
  const device = await testDevice();
  const image = { width: 20, height: 10, channels: 1, data: values(200, 4) };
  const inputs = { marks: values(200, 5), dose: Float32Array.of(1, 2) };
  await using(ofGuided, {}, async (predictor) => {
    const refused = (given: object) =>
      rejectionOf(predictor.predict(image, "a.png", given as typeof inputs));
    assert.match(
      await refused({}),
      "a.png: the network also reads marks [1][height][width]: expected a Float32Array of 200 numbers, got undefined",
    );
    const small = { width: 4, height: 5, data: values(19, 5) };
    assert.match(
      await refused({ ...inputs, marks: small }),
      "expected a Float32Array of 20 numbers for 4 x 5 pixels, got 19 numbers",
    );
    assert.match(await refused({ ...inputs, dose: small }), "of 2 numbers, got planes");
    assert.match(
      await refused({ ...inputs, dose: Float32Array.of(1) }),
      "dose [2]: expected a Float32Array of 2 numbers, got 1 numbers",
    );
    assert.match(
      await refused({ ...inputs, depth: inputs.marks }),
      "the network has no input depth, it has marks [1][height][width], dose [2]",
    );
    const source = { width: 20, height: 10, channels: 1, maximum: 1, read: async () => image.data };
    const sink = { write() {} };
    assert.match(
      await rejectionOf(predictTiles(predictor, source, sink, { name: "b" })),
      "b: the network also reads marks",
    );
  });
  await using(
    checkpointOf(plain.model().config, {
      "both.weight": { shape: [CLASSES, 1, 5, 5], data: values(50, 1) },
    }),
    {},
    async (predictor) => {
      assert.match(
        await rejectionOf(predictor.predict(image, "a.png", inputs)),
        "a.png: the network reads the image only",
      );
    },
  );
  const data = { training: [], validation: [] };
  assert.match(
    await rejectionOf(train(device, data, guided.model(), config)),
    "also reads marks, dose, which images and labels lack: give `batches`",
  );
  const trainer = await createTrainer(device, guided.model(), { ...config, seed: 1 });
  const [batch] = batches(0);
  assert.match(
    messageOf(() => trainer.step({ ...batch, inputs: {} })),
    "step 1: the batch has no inputs.marks, which the step reads",
  );
  const more = { ...batch.inputs, depth: values(4, 1) };
  assert.match(
    messageOf(() => trainer.step({ ...batch, inputs: more })),
    "the batch has inputs.depth, the run has marks, dose",
  );
  trainer.close();
  const wrong = (inputs: Record<string, unknown>) =>
    messageOf(() =>
      defineArchitecture({
        name: "lab.wrong",
        fields: {},
        gridStep: () => 1,
        inputs: () => inputs as Record<string, NetworkInput>,
        parameters: ({ channels, classes }) => convParameters("one", channels, classes, 1),
        logits: (x, { conv, input }) => conv(concat([x, input("other")], 1), "one"),
      }).model(),
    );
  assert.match(
    wrong({ marks: { channels: 0 } }),
    'the input marks is {"channels":0}, expected { channels: 1 }',
  );
  assert.match(wrong({ marks: { channels: 1 } }), "the network has no input other, it has marks");
});

test.run();
