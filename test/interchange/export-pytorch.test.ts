import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Tensor } from "../../src/graph/tensor.js";
import {
  exportPytorch,
  importOnnx,
  importPytorch,
  onnxNetwork,
} from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import type { Model } from "../../src/model/model.js";
import { softplus } from "../../src/operations.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { messageOf, rejectionOf } from "../errors.js";
import { logitsOf, STORED, scattered, shareOff } from "./exported-network.js";
import { type ModelGiven, onnxBytes } from "./onnx-bytes.js";
import { floats } from "./small-onnx.js";
import { untrained } from "./untrained.js";

// Relative to dist/test/interchange, where this file runs.
const folder = fileURLToPath(new URL("../../../test/fixtures/exported/", import.meta.url));
const golden: Record<string, { module: string; logits: number[]; after: number[] }> = JSON.parse(
  readFileSync(`${folder}pytorch.json`, "utf8"),
);

/** Sums of 32-bit floats in another order, through at most fourteen layers. */
const MOST = 1e-5;

for (const name of STORED) {
  test(`a network for PyTorch, ${name}, gives the same numbers there, and here again after a step of training there`, async () => {
    const device = await testDevice();
    const { module, logits, after } = golden[name];
    const [{ bytes }] = exportPytorch(scattered(name)).files;
    // Otherwise PyTorch's numbers are those of another module: npm run against:pytorch-export -- --write
    assert.is(createHash("sha256").update(bytes).digest("hex"), module);
    const off = shareOff(await logitsOf(device, scattered(name)), logits);
    assert.ok(off < MOST, `${off}`);
    const file = readFileSync(`${folder}${name}.safetensors`);
    const trained = decodeSafetensors(file, `${name}.safetensors`);
    const offAfter = shareOff(await logitsOf(device, trained), after);
    assert.ok(offAfter < MOST, `${offAfter}`);
    assert.ok(shareOff(after, logits) > 1e-3);
  });
}

test("the weights for PyTorch are a checkpoint without what only a training needs", () => {
  const checkpoint = untrained({ base: 1, depth: 1 });
  const tensors = new Map(checkpoint.tensors);
  tensors.set("optimizer.mean.head.bias", { shape: [2], data: new Float32Array(2) });
  const { files } = exportPytorch({ ...checkpoint, tensors });
  assert.equal(
    files.map(({ path }) => path),
    ["network.py", "network.safetensors"],
  );
  const read = decodeSafetensors(files[1].bytes, "network.safetensors");
  assert.equal(read.metadata, checkpoint.metadata);
  assert.equal(new Map(read.tensors), new Map([...checkpoint.tensors].sort()));
});

const textOf = (checkpoint: Checkpoint) =>
  new TextDecoder().decode(exportPytorch(checkpoint).files[0].bytes);

test("a network that came as a file is a graph whose weights keep their names", () => {
  const file = readFileSync(`${folder}../networks/milesial.pt`);
  const { checkpoint } = importPytorch(file, { name: "milesial.pt" });
  const text = textOf(checkpoint);
  for (const line of [
    '    "inc.double_conv.0.weight": [2, 3, 3, 3],',
    '        t1 = F.conv2d(x, w["inc.double_conv.0.weight"], padding=(1, 1))',
  ]) {
    assert.match(text, line);
  }
  assert.match(
    text,
    /t2 = F\.batch_norm\(t1, w\["inc\.double_conv\.1\.running_mean"\], .*, False, 0\.1, 0\.00001\)/,
  );
  const trained = importPytorch(file, { name: "milesial.pt", norms: "trained" }).checkpoint;
  assert.match(textOf(trained), ", self.training, 0.1, 0.00001)");
  const { files } = exportPytorch(checkpoint);
  const read = decodeSafetensors(files[1].bytes, "network.safetensors", { models: [onnxNetwork] });
  assert.equal(read.tensors.get("outc.conv.weight"), checkpoint.tensors.get("outc.conv.weight"));
});

test("constants of an imported graph keep their axes, and an operator without a form is named", async () => {
  const constant = (name: string, dims: readonly number[], values: readonly number[]) => {
    return { op: "Constant", inputs: [], outputs: [name], attributes: { value: { dims, values } } };
  };
  const sizes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const textWith = async (op: string) => {
    const model = {
      inputs: [["image", ["N", 1, "H", "W"]]],
      outputs: ["out"],
      nodes: [
        { op: "Conv", inputs: ["image", "w"], outputs: ["y"], attributes: sizes },
        constant("scale", [1, 2, 1, 1], [2, 3]),
        constant("most", [], [6]),
        { op: "Mul", inputs: ["y", "scale"], outputs: ["z"] },
        { op, inputs: ["z"], outputs: ["moved"] },
        { op: "Clip", inputs: ["moved", "", "most"], outputs: ["out"] },
      ],
      initializers: { w: floats([2, 1, 3, 3], 1) },
    } satisfies ModelGiven;
    return textOf((await importOnnx(onnxBytes(model), { name: "a.onnx" })).checkpoint);
  };
  const text = await textWith("Exp");
  assert.match(text, " * x.new_tensor([2, 3]).reshape(1, 2, 1, 1)");
  assert.match(text, /torch\.clamp\(t\d, max=6\)/);
  assert.match(
    await rejectionOf(textWith("Sin")),
    "moved: the operator Sin is not written for PyTorch",
  );
});

test("a model of one's own is a graph too, and an op without a form in PyTorch is refused by its name", () => {
  const { tensors, metadata } = untrained({ base: 1, depth: 1 });
  const plain = createModel(metadata.model);
  const lab = { name: "lab.net", defaults: {}, read: () => ({}) };
  const model = { ...metadata.model, architecture: lab.name };
  const own = (layer: (x: Tensor) => Tensor) => {
    const logits: Model["logits"] = (x, named) => layer(plain.logits(x, named));
    const models = [{ ...lab, build: () => ({ ...plain, config: model, logits }) }];
    return { tensors, metadata: { ...metadata, model }, models };
  };
  assert.match(
    textOf(own((x) => x)),
    'F.conv2d(x, w["encoder1.conv1.weight"], w["encoder1.conv1.bias"])',
  );
  assert.match(
    messageOf(() => exportPytorch(own((x) => softplus(x)))),
    /softplus: the formula .* is not written/,
  );
});

test.run();
