// `npm run against:onnxruntime`: exported networks in ONNX Runtime, at several sizes, next to the engine's own
// prediction of the whole image, with the weights in the file and in a checkpoint next to it; and ONNX's checker
// (Debian: python3-onnx; PYTHON sets another Python than /usr/bin/python3). Exits with 1 if a probability differs by
// more than 1e-4.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onnxRuntime } from "../../bench/engines/onnx.js";
import { installPeers } from "../../bench/install-peers.js";
import { exportOnnx, importOnnx, importPytorch } from "../../src/interchange/index.js";
import { importNetwork } from "../../src/node/import-network.js";
import { openDevice } from "../../src/node/open-device.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { EXPORTED, scattered, sizeFor, wholeImage } from "../interchange/exported-network.js";
import { onnxBytes } from "../interchange/onnx-bytes.js";
import { VERSIONS } from "../interchange/onnx-versions.js";
import { untrained } from "../interchange/untrained.js";
import { noise } from "../numbers.js";

const MOST = 1e-4;
/** `-- package depth`: only networks whose name has one of the words. */
const words = process.argv.slice(2);
const isWanted = (name: string) => words.length === 0 || words.some((one) => name.includes(one));
// Relative to dist/test/against, where this file runs.
const fixtures = fileURLToPath(new URL("../../../test/fixtures/networks/", import.meta.url));
const foreign = (name: string, channels: number): Checkpoint => {
  const fill = (value: number) => Array(channels).fill(value);
  const normalisation = { kind: "statistics", mean: fill(0), deviation: fill(1) } as const;
  return importPytorch(readFileSync(`${fixtures}${name}.pt`), { name, normalisation }).checkpoint;
};

const networks: Record<string, Checkpoint> = {
  ...Object.fromEntries(EXPORTED.map((name) => [name, scattered(name)])),
  "U-Net, depth 4": untrained({ base: 4, depth: 4 }),
  unet2d_nuclei_broad: foreign("nuclei", 1),
  milesial: foreign("milesial", 3),
  mateuszbuda: foreign("brain", 3),
  "torch-em": foreign("torch-em", 1),
  "nnU-Net": foreign("nnunet", 1),
};

/** Packages with planes as images, several inputs, maps of another size. */
const PACKAGES = ["both", "plane", "star", "volume"];

/** ONNX's own checker, for a file in its folder. */
function check(path: string): string {
  const code = "import onnx, sys; onnx.checker.check_model(sys.argv[1], full_check=True)";
  const { status, stderr } = spawnSync(python, ["-c", code, path], { encoding: "utf8" });
  return status === 0 ? "valid" : `INVALID: ${stderr.trim().split("\n").at(-1)}`;
}

const python = process.env.PYTHON ?? "/usr/bin/python3";
const folder = mkdtempSync(join(tmpdir(), "micrograph-onnx-"));
installPeers();
const runtime = await onnxRuntime();
using device = await openDevice();
for (const [what, model] of VERSIONS) {
  const options = { name: what, halo: 4 };
  networks[`operators of version ${what}`] = (
    await importOnnx(onnxBytes(model), options)
  ).checkpoint;
}
for (const name of PACKAGES) {
  const path = `${fixtures}../packages/${name}`;
  const normalisation = { kind: "image" } as const;
  networks[`package ${name}`] = (await importNetwork(path, { normalisation })).checkpoint;
}
for (const [name, checkpoint] of Object.entries(networks).filter(([name]) => isWanted(name))) {
  const bytes = encodeSafetensors(checkpoint);
  const weightsIn = { location: "weights.safetensors", bytes };
  writeFileSync(join(folder, weightsIn.location), bytes);
  const paths = ["whole.onnx", "small.onnx"].map((file) => join(folder, file));
  writeFileSync(paths[0], exportOnnx(checkpoint).bytes);
  const small = exportOnnx(checkpoint, { weightsIn }).bytes;
  writeFileSync(paths[1], small);
  const { width, height } = sizeFor(checkpoint);
  const { channels } = checkpoint.metadata.model;
  for (const size of [
    { width, height },
    { width: height, height: width },
  ]) {
    const data = noise(channels * width * height, 4).map((value) => Math.abs(value) % 1);
    const wanted = await wholeImage(device, checkpoint, { ...size, channels, data });
    const off = [];
    for (const path of paths) {
      const session = await runtime.InferenceSession.create(path);
      const image = new runtime.Tensor("float32", data, [1, channels, size.height, size.width]);
      const { probabilities: got } = await session.run({ image });
      // One map is the second of two classes.
      off.push(largest(got.data, got.dims[1] === 1 ? wanted.subarray(width * height) : wanted));
      await session.release();
    }
    const isWrong = off.some((one) => !(one < MOST));
    if (isWrong) process.exitCode = 1;
    console.log(
      `${isWrong ? "FAIL " : ""}${name}, ${size.width} x ${size.height}: ${off[0].toExponential(1)}, ` +
        `with the weights in safetensors ${off[1].toExponential(1)}`,
    );
  }
  const found = paths.map(check);
  if (found.some((one) => one !== "valid")) process.exitCode = 1;
  console.log(`  ONNX's checker: ${found.join(", ")}; ${small.length} bytes without the weights`);
}
rmSync(folder, { recursive: true });

function largest(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (got.length !== wanted.length) return Number.NaN;
  const off = Array.from(got, (one, i) => Math.abs(one - wanted[i]));
  return off.reduce((most, one) => (one <= most ? most : one), 0);
}
