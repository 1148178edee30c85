// `npm run against:onnxruntime`: exported networks in ONNX Runtime, at several sizes, next to the engine's own
// prediction of the whole image. Exits with 1 if a probability differs by more than 1e-4.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onnxRuntime } from "../../bench/engines/onnx.js";
import { installPeers } from "../../bench/install-peers.js";
import { exportOnnx, importPytorch } from "../../src/interchange/index.js";
import { openDevice } from "../../src/node/open-device.js";
import { createPredictor } from "../../src/predict/predict.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { untrained } from "../interchange/untrained.js";
import { noise } from "../numbers.js";

const MOST = 1e-4;
// Relative to dist/test/against, where this file runs.
const folder = fileURLToPath(new URL("../../../test/fixtures/networks/", import.meta.url));
const foreign = (name: string, channels: number): Checkpoint => {
  const fill = (value: number) => Array(channels).fill(value);
  const normalisation = { kind: "statistics", mean: fill(0), deviation: fill(1) } as const;
  return importPytorch(readFileSync(`${folder}${name}.pt`), { name, normalisation }).checkpoint;
};

const networks: Readonly<
  Record<string, readonly [Checkpoint, readonly (readonly [number, number])[]]>
> = {
  "U-Net, depth 2, three classes": [
    untrained({ base: 4, depth: 2, channels: 2, classes: 3 }),
    [
      [24, 24],
      [64, 48],
    ],
  ],
  "U-Net, depth 4": [
    untrained({ base: 4, depth: 4 }),
    [
      [112, 112],
      [256, 224],
    ],
  ],
  unet2d_nuclei_broad: [foreign("nuclei", 1), [[64, 96]]],
  milesial: [foreign("milesial", 3), [[64, 96]]],
  mateuszbuda: [foreign("brain", 3), [[64, 96]]],
};

installPeers();
const runtime = await onnxRuntime();
using device = await openDevice();
for (const [name, [checkpoint, sizes]] of Object.entries(networks)) {
  const session = await runtime.InferenceSession.create(exportOnnx(checkpoint).bytes);
  const predictor = await createPredictor(device, checkpoint);
  for (const [width, height] of sizes) {
    const { channels } = predictor;
    const data = noise(channels * width * height, 4).map((value) => Math.abs(value) % 1);
    const image = new runtime.Tensor("float32", data, [1, channels, height, width]);
    const { probabilities: got } = await session.run({ image });
    const { probabilities } = await predictor.predict({ width, height, channels, data }, name);
    // One map is the second of two classes.
    const wanted = got.dims[1] === 1 ? probabilities.subarray(width * height) : probabilities;
    const worst = got.data.reduce((most, p, i) => Math.max(most, Math.abs(p - wanted[i])), 0);
    const isWrong = !(worst < MOST) || got.data.length !== wanted.length;
    if (isWrong) process.exitCode = 1;
    console.log(
      `${isWrong ? "FAIL " : ""}${name}, ${width} x ${height}: ${worst.toExponential(1)}`,
    );
  }
  predictor.close();
  await session.release();
}
