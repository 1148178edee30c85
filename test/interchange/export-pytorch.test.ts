import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { exportPytorch } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import { testDevice } from "../device.js";
import { messageOf } from "../errors.js";
import { logitsOf, STORED, scattered, shareOff } from "./exported-network.js";
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

test("an architecture without a module of PyTorch is refused by its name", () => {
  const { tensors, metadata } = untrained({ base: 1, depth: 1 });
  const plain = createModel(metadata.model);
  const lab = { name: "lab.net", defaults: {}, read: () => ({}) };
  const model = { ...metadata.model, architecture: lab.name };
  const models = [{ ...lab, build: () => ({ ...plain, config: model }) }];
  const own = { tensors, metadata: { ...metadata, model }, models };
  assert.match(
    messageOf(() => exportPytorch(own)),
    "a network of the architecture lab.net has no module of PyTorch here",
  );
});

test.run();
