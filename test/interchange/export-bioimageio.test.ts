import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { readNpy } from "../../src/formats/npy.js";
import { importPackage } from "../../src/interchange/bioimageio/import-package.js";
import { readDescription } from "../../src/interchange/bioimageio/read-description.js";
import { testPackage } from "../../src/interchange/bioimageio/test-package.js";
import { yamlText } from "../../src/interchange/bioimageio/yaml-text.js";
import { type BioimageioOptions, exportBioimageio } from "../../src/interchange/index.js";
import { createPredictor } from "../../src/predict/predict.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { noise } from "../numbers.js";
import { schemaFaults } from "./json-schema.js";
import { untrained } from "./untrained.js";

/** An image of 8 bits. */
const imageOf = (channels: number, width: number, height: number) => ({
  width,
  height,
  channels,
  maximum: 255,
  data: Uint8Array.from(noise(channels * width * height, 2), (one) => Math.abs(one * 255) % 256),
});

const OPTIONS: BioimageioOptions = {
  name: "Cells (test)",
  authors: [{ name: "Ada Lovelace", affiliation: "London: here", orcid: "0000-0002-1825-0097" }],
  licence: "CC-BY-4.0",
  image: imageOf(1, 70, 62),
  tags: ["em"],
};

/** A package in memory. */
async function packageOf(checkpoint: Checkpoint, changes: Partial<BioimageioOptions> = {}) {
  const device = await testDevice();
  const { files, ...sizes } = await exportBioimageio(device, checkpoint, {
    ...OPTIONS,
    ...changes,
  });
  const all = new Map(files.map(({ path, bytes }) => [path, bytes]));
  const read = async (path: string) => all.get(path) as Uint8Array;
  const text = new TextDecoder().decode(all.get("bioimageio.yaml"));
  const value = parse(text);
  const model = { path: "package", description: readDescription(value, "package"), read };
  return { device, all, text, value, model, ...sizes };
}

const figures = { step: 90, loss: 0.2, wrongPixels: 0.125, iou: 0.75 };

test("a package tests itself: its output is what its network gives for its input", async () => {
  const checkpoint = untrained({ base: 2, depth: 2, classes: 3 });
  const { device, all, model, value, smallest, step, halo } = await packageOf(checkpoint);
  assert.equal([smallest, step, halo], [44, 4, 20]);
  assert.equal([...all.keys()].sort(), [
    "README.md",
    "bioimageio.yaml",
    "cover.png",
    "model.onnx",
    "test_input.npy",
    "test_output.npy",
  ]);
  const { worst, passed, shape } = await testPackage(device, model);
  assert.equal([passed, shape], [true, [1, 3, 60, 60]]);
  assert.ok(worst < 1e-6, `${worst}`);
  const { onnx, ...others } = value.weights;
  assert.equal(others, {});
  const digest = createHash("sha256")
    .update(all.get("model.onnx") as Uint8Array)
    .digest("hex");
  assert.equal(onnx, { source: "model.onnx", sha256: digest, opset_version: 13 });
});

test("its test output are the probabilities that predict gives, however images are normalised", async () => {
  const plain = untrained({ base: 2, depth: 2, channels: 2 });
  const { metadata } = plain;
  for (const normalisation of [
    { kind: "image" },
    { kind: "statistics", mean: [0.5, 0.25], deviation: [0.25, 0.125] },
    { kind: "percentiles", low: 1, high: 99.8, epsilon: 1e-4, isJoint: false },
    { kind: "percentiles", low: 0, high: 90, epsilon: 1e-6, isJoint: true },
  ] as const) {
    const checkpoint = { ...plain, metadata: { ...metadata, normalisation } };
    const image = imageOf(2, 44, 44);
    const { device, all, model } = await packageOf(checkpoint, { image });
    const predictor = await createPredictor(device, checkpoint);
    const { probabilities } = await predictor.predict(image, "image");
    predictor.close();
    const { data, shape } = readNpy(all.get("test_output.npy") as Uint8Array, "output");
    assert.equal(shape, [1, 2, 44, 44]);
    const worst = probabilities.reduce(
      (most, one, i) => Math.max(most, Math.abs(one - data[i])),
      0,
    );
    // Sums of 32-bit floats by other kernels, and a millionth in a denominator.
    assert.ok(worst < 1e-5, `${worst}`);
    const { checkpoint: again } = await importPackage(model);
    const read = again.metadata.normalisation;
    assert.is(read.kind, normalisation.kind);
    if (read.kind === "percentiles")
      assert.equal({ ...normalisation, epsilon: read.epsilon }, read);
    if (read.kind === "statistics" && normalisation.kind === "statistics") {
      const off = read.mean.map((one, i) => Math.abs(one - normalisation.mean[i]));
      assert.ok(Math.max(...off) < 1e-12);
    }
  }
});

test("every axis of space says its least size and step, and outputs only have a halo", async () => {
  const task = { classNames: ["background", "cell wall", "1st", "for"] };
  const plain = untrained({ base: 1, depth: 1, classes: 4 });
  const { value } = await packageOf({ ...plain, metadata: { ...plain.metadata, task } });
  const [input, output] = [value.inputs[0], value.outputs[0]];
  const space = (tensor: { axes: { type: string }[] }) =>
    tensor.axes.filter(({ type }) => type === "space");
  assert.equal(space(input), [
    { type: "space", id: "y", size: { min: 18, step: 2 } },
    { type: "space", id: "x", size: { min: 18, step: 2 } },
  ]);
  assert.equal(space(output), [
    { type: "space", id: "y", size: { tensor_id: "image", axis_id: "y" }, halo: 8 },
    { type: "space", id: "x", size: { tensor_id: "image", axis_id: "x" }, halo: 8 },
  ]);
  assert.equal(output.axes[1].channel_names, ["background", "cell_wall", "class_1st", "class_for"]);
});

test("the README has the figures of the validation, and says how to run the network", async () => {
  const plain = untrained({ base: 1, depth: 1 });
  const progress = { step: 100, best: figures };
  const { all } = await packageOf({ ...plain, metadata: { ...plain.metadata, progress } });
  const text = new TextDecoder().decode(all.get("README.md"));
  for (const wanted of [
    "# Cells (test)",
    "## Validation",
    "after step 90 of 100",
    "| share of wrong pixels | 0.1250 |",
    "| IoU, mean of the classes | 0.7500 |",
    "values from 0 to 255 are normalised by the statistics",
    "Fiji",
  ]) {
    assert.match(text, wanted);
  }
  const without = await packageOf(plain);
  assert.match(
    new TextDecoder().decode(without.all.get("README.md")),
    "No figures on held-out images",
  );
});

test("options that no package can have are refused by their value", async () => {
  const checkpoint = untrained({ base: 1, depth: 1 });
  for (const [changes, wanted] of [
    [{ name: "a/b c" }, 'the name is "a/b c", expected 5 to 64 letters'],
    [{ authors: [] }, "expected at least one author"],
    [{ authors: [{ name: "A", orcid: "1" }] }, 'the ORCID of A is "1"'],
    [{ licence: "my own" }, 'the licence is "my own", expected an identifier of SPDX'],
    [{ image: imageOf(3, 40, 40) }, "the image has 3 channels, expected 1"],
    [{ author: 1 }, "exportBioimageio has no option author"],
  ] as const) {
    const message = await rejectionOf(packageOf(checkpoint, changes as never));
    assert.match(message, wanted);
  }
});

test("values written as YAML are read as the same", () => {
  const texts = [
    "",
    "a",
    "true",
    "No",
    "~",
    "1e5",
    "0x1",
    "- a",
    "a: b",
    "a #b",
    "é 日本",
    '"',
    "'",
    "\\n",
    "a\nb",
    " a",
    "a ",
    "@a",
    "y",
    ".5",
    "+1",
    "[a]",
    "{a}",
    "*a",
    "&a",
    "!a",
    "%a",
    "|",
    ">",
    "?",
    "2020-01-01",
  ];
  const value = {
    texts,
    list: [[], {}, [1, [2, -3.5e-9]], { a: [{ b: null }] }],
    "a key: 1": false,
    object: { empty: {}, texts: Object.fromEntries(texts.map((text, i) => [`${text}${i}`, text])) },
  };
  assert.equal(parse(yamlText(value)), value);
  assert.is(yamlText({ left: undefined, kept: 1 }), "kept: 1\n");
});

const schema =
  process.env.MICROGRAPH_ZOO && `${process.env.MICROGRAPH_ZOO}/schema/bioimageio_schema.json`;
if (schema && existsSync(schema)) {
  test("a package is valid by the schema of bioimage.io", async () => {
    const root = JSON.parse(readFileSync(schema, "utf8"));
    const form = root.$defs.bioimageio__spec__model__v0_5__ModelDescr;
    const plain = untrained({ base: 1, depth: 1, channels: 2 });
    const image = imageOf(2, 40, 40);
    for (const kind of [plain.metadata.normalisation, { kind: "image" } as const]) {
      const metadata = { ...plain.metadata, normalisation: kind };
      const { value } = await packageOf({ ...plain, metadata }, { image });
      assert.equal(schemaFaults(value, form, root), []);
      const bad = { ...value, authors: [{}], inputs: [], licence: 1, license: "own" };
      assert.ok(schemaFaults(bad, form, root).length >= 4);
    }
  });
} else {
  test.skip(
    "a package by the schema of bioimage.io: skipped, MICROGRAPH_ZOO names no folder with it",
  );
}

test.run();
