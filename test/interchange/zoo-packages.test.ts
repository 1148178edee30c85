// Packages whose tensors are not those of one image [N,C,H,W], which test/pytorch/zoo_packages.py wrote.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { importPackage } from "../../src/interchange/bioimageio/import-package.js";
import { applySteps } from "../../src/interchange/bioimageio/processing.js";
import { testPackage } from "../../src/interchange/bioimageio/test-package.js";
import { createModel } from "../../src/model/architectures.js";
import { openModelPackage } from "../../src/node/model-package.js";
import { createPredictor } from "../../src/predict/predict.js";
import { testDevice } from "../device.js";

const folder = fileURLToPath(new URL("../../../test/fixtures/packages", import.meta.url));
const open = (name: string) => openModelPackage(`${folder}/${name}`);

for (const [name, what] of [
  ["star", "channels last, half the size, two outputs"],
  ["both", "two inputs and two outputs, of two images"],
  ["plane", "an image without batch and channels, of twice the size"],
  ["volume", "one plane of a volume"],
]) {
  test(`a package with ${what} gives its own test outputs`, async () => {
    const { passed, worst, outputs } = await testPackage(await testDevice(), await open(name));
    assert.ok(passed);
    // Sums of 32-bit floats in another order.
    assert.ok(worst < 1e-6, `${worst}`);
    assert.is(outputs.length, name === "star" || name === "both" ? 2 : 1);
  });
}

test("a test fails for an output that differs, whichever it is", async () => {
  const model = await open("star");
  const other = {
    ...model,
    read: (file: string) => model.read(file === "out1.npy" ? "wrong.npy" : file),
  };
  const bytes = (await model.read("out1.npy")).slice();
  bytes[bytes.length - 1] ^= 0x40;
  const read = (file: string) => (file === "out1.npy" ? Promise.resolve(bytes) : model.read(file));
  const result = await testPackage(await testDevice(), { ...other, read });
  assert.not(result.passed);
  assert.ok(result.outputs[0].worst < 1e-6);
});

test("predict takes the first output of such a package, at the size of the image", async () => {
  const device = await testDevice();
  const data = Uint8Array.from({ length: 40 * 32 }, (_, i) => (i * 7919) % 251);
  for (const [name, channels, classes, wanted] of [
    ["star", 1, 2, /0\.5 times as large.*of 2 outputs prob is the prediction, not dist/s],
    ["plane", 1, 2, /2 times as large/],
    ["volume", 2, 2, /^$/],
  ] as const) {
    const { checkpoint, remarks } = await importPackage(await open(name));
    assert.match(remarks.join("\n"), wanted);
    const predictor = await createPredictor(device, checkpoint);
    const image = { width: 40, height: 16, channels: 2, data, maximum: 255 };
    const own = channels === 2 ? image : { ...image, height: 32, channels };
    const { width, height, probabilities } = await predictor.predict(own, name);
    predictor.close();
    assert.equal([width, height], [40, own.height]);
    assert.is(probabilities.length, classes * width * height);
    assert.ok(probabilities.every((one) => one >= 0 && one <= 1));
  }
  const { checkpoint } = await importPackage(await open("star"), { output: "dist" });
  // Two convolutions of 3 x 3 around a pooling, and the resizing to the image's size.
  assert.is(createModel(checkpoint.metadata.model, checkpoint.models).halo, 5);
  assert.is(checkpoint.metadata.model.classes, 4);
});

test("inputs that are normalised in different ways are refused unless it is said how", async () => {
  const model = await open("both");
  let message = "none";
  await importPackage(model).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, "both: its inputs are preprocessed in ways that channels of one image");
  const normalisation = {
    kind: "statistics",
    mean: [0.5, 0.5, 0.5],
    deviation: [1, 1, 1],
  } as const;
  const { checkpoint, remarks } = await importPackage(model, { normalisation });
  assert.is(checkpoint.metadata.model.channels, 3);
  assert.match(remarks.join(), "the channels of an image are its inputs: in0, in1 (2)");
});

test("weights that cannot be used are skipped with the reason, and all reasons are told", async () => {
  const model = await open("volume");
  const [onnx] = model.description.weights;
  const broken = { kind: "pytorch_state_dict", source: "rdf.yaml" };
  const withWeights = (...weights: (typeof onnx)[]) => {
    const description = { ...model.description, weights };
    return { ...model, description };
  };
  const torch = { ...onnx, source: "in0.npy" };
  let message = "none";
  await importPackage(withWeights(torch, broken)).catch((error: Error) => {
    message = error.message;
  });
  assert.match(message, /none of its weights can be used: in0\.npy: .*; rdf\.yaml: /);
  const keras = { kind: "keras_hdf5", source: "w.h5" };
  const { remarks } = await importPackage(withWeights(torch, keras, onnx));
  assert.match(remarks[0], "the weights of onnx are not used: not an ONNX model");
});

test("processing of both formats gives NumPy's numbers", () => {
  const { shape, x, other, cases } = JSON.parse(readFileSync(`${folder}/processing.json`, "utf8"));
  const array = (data: number[]) => ({ shape, data: Float64Array.from(data) });
  const tensors = new Map([["other", array(other)]]);
  for (const { id, kwargs, result } of cases) {
    const got = applySteps(array(x), [{ id, kwargs }], { tensors }).data.filter(
      (_, i) => i % 3 === 0,
    );
    const worst = Math.max(...got.map((value, i) => Math.abs(value - result[i])));
    // Numbers were stored with 12 digits.
    assert.ok(worst < 1e-9, `${id} ${JSON.stringify(kwargs)}: ${worst}`);
  }
  assert.ok(cases.length > 25);
});

test.run();
