import { test } from "uvu";
import * as assert from "uvu/assert";
import { readOnnx } from "../../src/formats/onnx/read-onnx.js";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import { exportOnnx, importOnnx } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { softmax } from "../../src/ops/index.js";
import { createPredictor } from "../../src/predict/predict.js";
import { flatten } from "../../src/train/restore.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { noise } from "../numbers.js";
import { onnxBytes } from "./onnx-bytes.js";
import { smallOnnx } from "./small-onnx.js";
import { untrained } from "./untrained.js";

/** What a graph computes for an image, and the probabilities of the checkpoint's predictor for it. */
async function bothOf(checkpoint: Checkpoint, bytes: Uint8Array, width: number, height: number) {
  const device = await testDevice();
  const { channels } = checkpoint.metadata.model;
  const data = noise(channels * width * height, 4).map((value) => Math.abs(value) % 1);
  const predictor = await createPredictor(device, checkpoint);
  const image = { width, height, channels, data };
  const { probabilities } = await predictor.predict(image, "image");
  predictor.close();
  const { checkpoint: foreign } = await importOnnx(bytes, { name: "out.onnx" });
  const model = createModel(foreign.metadata.model, foreign.models);
  const x = input("image", [1, channels, height, width]);
  const logits = model.logits(x, parameterTensors(model.parameters));
  const y = model.probabilities?.(logits) ?? softmax(logits);
  const state = createState(device, "parameters", model.parameters.floats);
  state.write(flatten(model, foreign.tensors));
  const states = { parameters: state.buffer };
  const plan = await compilePlan(device, { name: "exported", outputs: [y], states });
  plan.run({ image: data });
  const computed = await plan.read(y);
  plan.close();
  state.close();
  return { probabilities, computed, shape: y.shape };
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

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

test("an op without a form in ONNX is named", () => {
  const message = messageOf(() => exportOnnx(untrained({ architecture: "fcn8s", base: 2 })));
  assert.match(message, /the op [\w-]+ is not written, expected add, conv2d/);
});

test.run();
