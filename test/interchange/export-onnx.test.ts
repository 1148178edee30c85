import { test } from "uvu";
import * as assert from "uvu/assert";
import { readOnnx } from "../../src/formats/onnx/read-onnx.js";
import type { Tensor } from "../../src/graph/tensor.js";
import { exportOnnx, importOnnx } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import type { Model } from "../../src/model/model.js";
import { flip, softplus } from "../../src/operations.js";
import { createPredictor } from "../../src/predict/predict.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { computedBy, imageOf, worst } from "./computed-onnx.js";
import { scattered, sizeFor, wholeImage } from "./exported-network.js";
import { onnxBytes } from "./onnx-bytes.js";
import { smallOnnx } from "./small-onnx.js";
import { untrained } from "./untrained.js";

/** What a graph computes for an image, and the probabilities of the checkpoint's predictor for it. */
async function bothOf(checkpoint: Checkpoint, bytes: Uint8Array, width: number, height: number) {
  const device = await testDevice();
  const image = imageOf(checkpoint, width, height);
  const predictor = await createPredictor(device, checkpoint);
  const { probabilities } = await predictor.predict(image, "image");
  predictor.close();
  return { probabilities, ...(await computedBy(bytes, image)) };
}

test("a U-Net as ONNX takes images of any multiple of its grid, and gives the predictor's probabilities", async () => {
  const checkpoint = untrained({ base: 2, depth: 2, channels: 2, classes: 3 });
  const { bytes, step, smallest, halo } = exportOnnx(checkpoint);
  assert.equal([step, smallest, halo], [4, 24, 20]);
  for (const [width, height] of [
    [24, 24],
    [64, 48],
  ]) {
    const { probabilities, computed, shape } = await bothOf(checkpoint, bytes, width, height);
    assert.equal(shape, [1, 3, height, width]);
    // The same sums of 32-bit floats by other kernels.
    assert.ok(worst(computed, probabilities) < 1e-5, `${worst(computed, probabilities)}`);
  }
});

test("the U-Net of the paper has the margins of its tiles", () => {
  const { step, smallest, halo, bytes } = exportOnnx(untrained({ base: 1, depth: 4 }));
  assert.equal([step, smallest, halo], [16, 112, 96]);
  const { nodes, initializers, opset, irVersion } = readOnnx(bytes, "paper.onnx");
  assert.equal(
    [opset, irVersion, nodes[0].operator, nodes.at(-1)?.operator],
    [13, 7, "Pad", "Softmax"],
  );
  const pads = initializers.find(({ name }) => name === nodes[0].inputs[1]);
  assert.equal([...(pads?.data ?? [])], [0, 0, 92, 92, 0, 0, 96, 96]);
});

test("equal checkpoints give equal bytes, and a network that came as ONNX goes out as ONNX", async () => {
  const { checkpoint } = await importOnnx(onnxBytes(smallOnnx), {
    normalisation: { kind: "statistics", mean: [0], deviation: [1] },
  });
  const { bytes } = exportOnnx(checkpoint);
  assert.equal(exportOnnx(checkpoint).bytes, bytes);
  const { probabilities, computed } = await bothOf(checkpoint, bytes, 32, 20);
  assert.ok(worst(computed, probabilities) < 1e-5);
});

for (const name of ["batch-first", "deep", "group", "nearest", "strided", "fcn8s-vgg16"] as const) {
  test(`norms, activations, resizing, strides and crops: ${name} gives the same as ONNX`, async () => {
    const checkpoint = scattered(name);
    const { width, height } = sizeFor(checkpoint);
    const image = imageOf(checkpoint, width, height);
    const wanted = await wholeImage(await testDevice(), checkpoint, image);
    const { computed } = await computedBy(exportOnnx(checkpoint).bytes, image);
    // Norms of instances divide by deviations of few pixels, which enlarges the rounding of sums before them.
    assert.ok(worst(computed, wanted) < 5e-5, `${worst(computed, wanted)}`);
    // And once more through a file: the graph that came as ONNX goes out as ONNX.
    const { checkpoint: foreign } = await importOnnx(exportOnnx(checkpoint).bytes);
    const { initializers, nodes } = readOnnx(exportOnnx(foreign).bytes, "again.onnx");
    assert.ok(nodes.every(({ operator }) => operator !== "GroupNormalization"));
    assert.ok(initializers.some((one) => one.name === "head.weight" || one.name === "fc6.weight"));
  });
}

test("a file without weights reads them where they lie in the checkpoint's own file", async () => {
  const checkpoint = scattered("batch");
  const bytes = encodeSafetensors(checkpoint);
  const weightsIn = { location: "best.safetensors", bytes };
  const small = exportOnnx(checkpoint, { weightsIn }).bytes;
  const { initializers } = readOnnx(small, "small.onnx");
  const { external } = initializers.find(({ name }) => name === "encoder1.conv1.weight") ?? {};
  assert.is(external?.location, "best.safetensors");
  assert.is(external?.length, 4 * 2 * 9);
  const image = imageOf(checkpoint, 32, 24);
  const [own, other] = [
    await computedBy(exportOnnx(checkpoint).bytes, image),
    await computedBy(small, image, { external: bytes }),
  ];
  assert.equal(other.computed, own.computed);
  const foreign = { location: "other.safetensors", bytes: encodeSafetensors(scattered("paper")) };
  assert.match(
    messageOf(() => exportOnnx(checkpoint, { weightsIn: foreign })),
    "other.safetensors: it has no weight ",
  );
});

test("what a file says of images and classes comes back", async () => {
  const { tensors, metadata } = untrained({ base: 1, depth: 1, channels: 2, classes: 3 });
  const task = { classNames: ["background", "cell wall", "nucleus"] };
  for (const normalisation of [
    { kind: "statistics", mean: [0.5, 0.25], deviation: [0.25, 0.125] },
    { kind: "percentiles", low: 1, high: 99, epsilon: 1e-6, isJoint: true },
  ] as const) {
    const { bytes } = exportOnnx({ tensors, metadata: { ...metadata, task, normalisation } });
    const { checkpoint, remarks } = await importOnnx(bytes);
    assert.equal(checkpoint.metadata.normalisation, normalisation);
    assert.equal(checkpoint.metadata.task, task);
    assert.equal(remarks, []);
  }
});

test("weights of heads that only train are left out", () => {
  const { initializers } = readOnnx(exportOnnx(scattered("deep")).bytes, "deep.onnx");
  const names = initializers.map(({ name }) => name);
  assert.ok(names.includes("head.weight") && !names.includes("head2.weight"));
});

test("an op or a formula without a form in ONNX is named", () => {
  const plain = untrained({ base: 1, depth: 1 });
  const refusal = (layer: (x: Tensor) => Tensor) => {
    const { config, parameters, ...model } = createModel(plain.metadata.model);
    const logits: Model["logits"] = (x, tensors) => layer(model.logits(x, tensors));
    const own = { ...config, architecture: "lab.net" };
    const build = () => ({ ...model, parameters, config: own, logits });
    const models = [{ name: "lab.net", defaults: {}, read: () => ({}), build }];
    const metadata = { ...plain.metadata, model: own };
    return messageOf(() => exportOnnx({ ...plain, metadata, models }));
  };
  assert.match(refusal(softplus), /^softplus: the formula .* is not written$/);
  assert.match(
    refusal((x) => flip(x, [2])),
    /the op [\w-]+ is not written, expected add, concat/,
  );
});

test.run();
