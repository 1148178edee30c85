import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readPytorch } from "../../src/formats/pytorch/read-pytorch.js";
import { writeSafetensors } from "../../src/formats/safetensors.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import type { Node } from "../../src/graph/op.js";
import { input } from "../../src/graph/tensor.js";
import { importPytorch } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { flatten } from "../../src/train/restore.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise } from "../numbers.js";
import { scattered } from "./exported-network.js";
import { untrained } from "./untrained.js";

// Relative to dist/test/interchange, where this file runs.
const fixtures = fileURLToPath(new URL("../../../test/fixtures/", import.meta.url));
const bytesOf = (name: string) => readFileSync(`${fixtures}networks/${name}.pt`);

/** A file of safetensors with weights of these shapes, numbered from 0. */
function fileOf(shapes: Readonly<Record<string, readonly number[]>>): Uint8Array {
  let next = 0;
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1);
    const data = Float32Array.from({ length: count }, () => next++);
    return [name, { dtype: "F32" as const, shape, bytes: new Uint8Array(data.buffer) }] as const;
  });
  return writeSafetensors({ tensors: new Map(tensors), metadata: {} });
}

test("weights that a program saved under a prefix of its own are recognised with a mapping", () => {
  const plain = readPytorch(bytesOf("nuclei"), "nuclei.pt");
  const tensors = [...plain].map(([name, { shape, data }]) => {
    const bytes = new Uint8Array(Float32Array.from(data).buffer);
    return [`segmenter.${name}`, { dtype: "F32" as const, shape, bytes }] as const;
  });
  const file = writeSafetensors({ tensors: new Map(tensors), metadata: {} });
  assert.match(
    messageOf(() => importPytorch(file, { name: "a" })),
    "a: the network is not recognised",
  );
  const { checkpoint } = importPytorch(file, { name: "a", names: { "segmenter.": "" } });
  assert.equal(checkpoint.tensors, importPytorch(bytesOf("nuclei")).checkpoint.tensors);
});

test("a mapping that names what is not there, or one weight twice, is refused", () => {
  const file = fileOf({ a: [1], b: [1] });
  for (const [names, wanted] of [
    [{ c: "d" }, "x.pt: the mapping names c, but the file has no such weight"],
    [{ "c.": "d." }, "the mapping names c."],
    [{ a: "b" }, "two weights are called b"],
    [{ a: 1 }, "the mapping of a is no name"],
  ] as const) {
    assert.match(
      messageOf(() => importPytorch(file, { name: "x.pt", names: names as never })),
      wanted,
    );
  }
});

test("weights of a module that export wrote are those of a checkpoint that is named", () => {
  const file = encodeSafetensors(scattered("batch"));
  const like = untrained({ base: 2, depth: 2, padding: "same", norm: "batch" });
  const { checkpoint } = importPytorch(file, { name: "trained.pt", like });
  assert.equal(
    new Map([...checkpoint.tensors].sort()),
    new Map([...scattered("batch").tensors].sort()),
  );
  assert.match(
    messageOf(() => importPytorch(file, { name: "trained.pt" })),
    "trained.pt: it is a U-Net of this program, whose padding, norms and activation its weights do not say",
  );
  const other = untrained({ base: 2, depth: 2 });
  assert.match(
    messageOf(() => importPytorch(file, { name: "trained.pt", like: other })),
    "trained.pt: the network has no weight ",
  );
  const wide = untrained({ base: 4, depth: 2, padding: "same", norm: "batch" });
  assert.match(
    messageOf(() => importPytorch(file, { name: "trained.pt", like: wide })),
    /trained\.pt: its weight encoder1\.conv1\.weight is \[2,1,3,3\], expected \[4,1,3,3\]/,
  );
});

/** milesial's names as those of our U-Net. */
const OURS = Object.fromEntries(
  [
    ["inc", "encoder1"],
    ["down1.maxpool_conv.1", "encoder2"],
    ["down2.maxpool_conv.1", "bottleneck"],
    ["up1.conv", "decoder2"],
    ["up2.conv", "decoder1"],
  ]
    .flatMap(([from, to]) =>
      ["conv1", "norm1", "", "conv2", "norm2"].map((name, i) => [
        `${from}.double_conv.${i}.`,
        `${to}.${name}.`,
      ]),
    )
    .filter(([, to]) => !to.endsWith(".."))
    .concat([
      ["up1.up.", "decoder2.up."],
      ["up2.up.", "decoder1.up."],
      ["outc.conv.", "head."],
    ]),
);

/** The logits of a step of training, and how many running averages it moves. */
async function trainingStep({ metadata, tensors, models }: Checkpoint) {
  const device = await testDevice();
  const model = createModel(metadata.model, models);
  const image = input("image", [2, 3, 16, 16]);
  const updates: Node[] = [];
  const training = { step: input("step", [4]), seed: 1, updates };
  const logits = model.logits(image, parameterTensors(model.parameters), training);
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "step", outputs: [logits], states });
  plan.run({ image: noise(2 * 3 * 16 * 16, 8) });
  const values = await plan.read(logits);
  plan.close();
  state.close();
  return { values, count: updates.length };
}

test("batch norms of an imported network are frozen, or trained as those of our own", async () => {
  const like = untrained({ base: 2, depth: 2, channels: 3, padding: "same", norm: "batch" });
  const own = importPytorch(bytesOf("milesial"), { names: OURS, like }).checkpoint;
  const trained = importPytorch(bytesOf("milesial"), { norms: "trained" }).checkpoint;
  const frozen = importPytorch(bytesOf("milesial")).checkpoint;
  const [a, b, c] = [
    await trainingStep(own),
    await trainingStep(trained),
    await trainingStep(frozen),
  ];
  assert.equal([a.count, b.count, c.count], [20, 20, 0]);
  const worst = a.values.reduce((most, one, i) => Math.max(most, Math.abs(one - b.values[i])), 0);
  // The same sums of 32-bit floats, divided by deviations of few pixels.
  assert.ok(worst < 1e-4, `${worst}`);
  assert.ok(a.values.some((one, i) => Math.abs(one - c.values[i]) > 0.01));
  assert.match(
    messageOf(() => importPytorch(bytesOf("milesial"), { norms: "moved" as never })),
    "norms must be frozen or trained, got moved",
  );
});

test("torchvision's VGG-16 becomes an FCN-8s: its classifier as convolutions, scores of 0", () => {
  const widths = [1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 8, 8, 8];
  const places = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
  const shapes: Record<string, number[]> = {};
  for (const [i, place] of places.entries()) {
    shapes[`features.${place}.weight`] = [widths[i], widths[i - 1] ?? 3, 3, 3];
    shapes[`features.${place}.bias`] = [widths[i]];
  }
  for (const [place, ins, outs] of [
    [0, 8 * 49, 64],
    [3, 64, 64],
    [6, 64, 10],
  ]) {
    shapes[`classifier.${place}.weight`] = [outs, ins];
    shapes[`classifier.${place}.bias`] = [outs];
  }
  const { checkpoint, remarks } = importPytorch(fileOf(shapes), { name: "vgg16.pth" });
  assert.match(remarks[0], "recognised as VGG-16");
  const { model, normalisation } = checkpoint.metadata;
  assert.equal(
    [model.architecture, model.base, normalisation.kind],
    ["fcn8s-vgg16", 1, "statistics"],
  );
  flatten(createModel(model), checkpoint.tensors);
  const tensor = (name: string) => checkpoint.tensors.get(name);
  // The first number of the file's weight [64, 392] is that of the convolution [64, 8, 7, 7].
  const before = Object.entries(shapes).findIndex(([name]) => name === "classifier.0.weight");
  const first = Object.values(shapes).slice(0, before);
  const skipped = first.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  assert.equal(
    [tensor("fc6.weight")?.shape, tensor("fc6.weight")?.data[0]],
    [[64, 8, 7, 7], skipped],
  );
  assert.is(tensor("conv1_2.bias")?.data[0], 27 + 1 + 9);
  assert.ok(tensor("score_fr.weight")?.data.every((value) => value === 0));
  assert.ok(tensor("upscore8.weight")?.data.some((value) => value > 0));
  const { "classifier.3.weight": _, ...fewer } = shapes;
  assert.match(
    messageOf(() =>
      importPytorch(fileOf({ ...fewer, "classifier.3.weight": [1, 1] }), { name: "v" }),
    ),
    "v: its weight classifier.3.weight is [1,1], expected [64,64,1,1]",
  );
});

test.run();
