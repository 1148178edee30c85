// A network of the bioimage.io zoo gives the zoo's own test output.

import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { compilePlan } from "../../src/gpu/plan.js";
import { createState } from "../../src/gpu/state.js";
import { input } from "../../src/graph/tensor.js";
import { createModel } from "../../src/model/architectures.js";
import { parameterTensors } from "../../src/model/parameters.js";
import { importNetwork } from "../../src/node.js";
import { softmax } from "../../src/ops/index.js";
import { flatten } from "../../src/train/restore.js";
import { testDevice } from "../device.js";

const folder = process.env.MICROGRAPH_ZOO;

/** The 32-bit floats of an .npy file of version 1. */
function npy(path: string): Float32Array {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  return new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer);
}

if (folder) {
  test("unet2d_nuclei_broad gives the zoo's probabilities to 1e-5", async () => {
    const place = `${folder}/unet2d_nuclei_broad`;
    const { checkpoint } = await importNetwork(`${place}/weights.onnx`);
    const model = createModel(checkpoint.metadata.model, checkpoint.models);
    const side = 512;
    const image = input("image", [1, 1, side, side]);
    const y = softmax(model.logits(image, parameterTensors(model.parameters)));
    const device = await testDevice();
    const state = createState(device, "parameters", model.parameters.floats);
    state.write(flatten(model, checkpoint.tensors));
    const states = { parameters: state.buffer };
    const plan = await compilePlan(device, { name: "zoo", outputs: [y], states });
    const raw = npy(`${place}/test_input.npy`);
    const mean = raw.reduce((a, b) => a + b, 0) / raw.length;
    const variance = raw.reduce((sum, value) => sum + (value - mean) ** 2, 0) / raw.length;
    plan.run({ image: raw.map((value) => (value - mean) / (Math.sqrt(variance) + 1e-6)) });
    const cells = (await plan.read(y)).subarray(side * side);
    const wanted = npy(`${place}/test_output.npy`);
    const worst = cells.reduce((most, p, i) => Math.max(most, Math.abs(p - wanted[i])), 0);
    assert.ok(worst < 1e-5, `${worst}`);
    plan.close();
    state.close();
  });
} else {
  test.skip("networks of the zoo: skipped, MICROGRAPH_ZOO names no folder");
  console.log("Tests of networks of the zoo skipped: MICROGRAPH_ZOO names no folder.");
}

test.run();
