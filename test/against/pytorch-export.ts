// `npm run against:pytorch-export`: networks of every configuration written for PyTorch, run there, trained a step and
// read back. `-- --write` stores what PyTorch computed in test/fixtures/exported. PYTHON sets another Python than
// /usr/bin/python3. Exits with 1 if numbers differ by more than 1e-5 of the largest.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Normalisation } from "../../src/data/normalise.js";
import { readNpy, writeNpy } from "../../src/formats/npy.js";
import { exportPytorch, importPytorch } from "../../src/interchange/index.js";
import { createModel } from "../../src/model/architectures.js";
import type { Fields } from "../../src/model/model.js";
import { importNetwork } from "../../src/node/import-network.js";
import { openDevice } from "../../src/node/open-device.js";
import { createPredictor } from "../../src/predict/predict.js";
import { decodeSafetensors } from "../../src/train/checkpoint-file.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import {
  EXPORTED,
  type ExportedName,
  imageFor,
  logitsOf,
  STORED,
  scattered,
  shareOff,
} from "../interchange/exported-network.js";
import { noise } from "../numbers.js";

/** Sums of 32-bit floats in another order. */
const MOST = 1e-5;
const SIDES = { width: 61, height: 44 };

// Relative to dist/test/against, where this file runs.
const tests = fileURLToPath(new URL("../../../test/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "micrograph-exported-"));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));
/** Networks of other programs, which keep the names of their weights. */
const FOREIGN = ["nuclei", "milesial", "milesial-bilinear", "brain", "torch-em", "nnunet"];
/** Packages of the zoo whose axes are moved, and whose maps are resized. */
const PACKAGES = ["star", "volume"];
const foreign = (name: string) => {
  const file = readFileSync(`${tests}fixtures/networks/${name}.pt`);
  return importPytorch(file, { name, norms: name === "milesial" ? "trained" : "frozen" })
    .checkpoint;
};
/** The same networks as models of one's own, whose ops are written one by one. */
const OWN = [
  "paper",
  "batch",
  "instance-first",
  "group",
  "strided",
  "nearest",
  "linear",
  "corners",
].map((name) => `own ${name}`);
function ownModel(name: ExportedName): Checkpoint {
  const { tensors, metadata } = scattered(name);
  const plain = createModel(metadata.model);
  const config = { ...metadata.model, architecture: "lab.net" };
  const read = (fields: Fields) => fields;
  const models = [{ name: "lab.net", defaults: {}, read, build: () => ({ ...plain, config }) }];
  return { tensors, metadata: { ...metadata, model: config }, models };
}
/** The others are normalised by mean 0 and deviation 1, which changes nothing. */
const NORMALISATIONS: Readonly<Record<string, Normalisation>> = {
  "own paper": { kind: "statistics", mean: [0.2, 0.3], deviation: [0.5, 0] },
  "own batch": { kind: "image" },
  strided: { kind: "percentiles", low: 1, high: 99.8, epsilon: 1e-6, isJoint: true },
  nearest: { kind: "statistics", mean: [0.4], deviation: [0.2] },
};
function checkpointOf(name: string): Checkpoint {
  const checkpoint = networkOf(name);
  const normalisation = NORMALISATIONS[name] ?? checkpoint.metadata.normalisation;
  return { ...checkpoint, metadata: { ...checkpoint.metadata, normalisation } };
}
function networkOf(name: string): Checkpoint {
  const read = packages.get(name);
  if (read) return read;
  if (FOREIGN.includes(name)) return foreign(name);
  return name.startsWith("own ")
    ? ownModel(name.slice(4) as ExportedName)
    : scattered(name as ExportedName);
}
const packages = new Map<string, Checkpoint>();
for (const name of PACKAGES) {
  const normalisation = { kind: "image" } as const;
  const read = await importNetwork(`${tests}fixtures/packages/${name}`, { normalisation });
  packages.set(name, read.checkpoint);
}
const names = [...EXPORTED, ...FOREIGN, ...PACKAGES, ...OWN].filter(
  (name) => wanted.length === 0 || wanted.includes(name),
);
const at = (name: string, file: string) => join(folder, name, file);
const imageOf = (channels: number) =>
  noise(channels * SIDES.width * SIDES.height, 3).map((value) => Math.abs(value) % 1);

for (const name of names) {
  mkdirSync(join(folder, name));
  const checkpoint = checkpointOf(name);
  const { channels } = checkpoint.metadata.model;
  for (const { path, bytes } of exportPytorch(checkpoint).files)
    writeFileSync(at(name, path), bytes);
  writeFileSync(at(name, "x.npy"), writeNpy(imageFor(checkpoint)));
  const shape = [channels, SIDES.height, SIDES.width];
  writeFileSync(at(name, "image.npy"), writeNpy({ shape, data: imageOf(channels) }));
}
const python = process.env.PYTHON ?? "/usr/bin/python3";
const script = `${tests}pytorch/exported_networks.py`;
const { status, stderr } = spawnSync(python, [script, ...names.map((name) => join(folder, name))], {
  encoding: "utf8",
  env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
});
if (status !== 0) throw new Error(`${python}: ${stderr}`);

const numbers = (name: string, file: string) => readNpy(readFileSync(at(name, file)), file).data;
const golden: Record<string, unknown> = {};
using device = await openDevice();
for (const name of names) {
  const checkpoint = checkpointOf(name);
  const models = checkpoint.models ?? [];
  const trained = decodeSafetensors(readFileSync(at(name, "trained.safetensors")), name, {
    models,
  });
  const logits = numbers(name, "logits.npy");
  const off: Record<string, number> = {
    logits: mapsOff(await logitsOf(device, checkpoint), logits),
    "after a step": mapsOff(await logitsOf(device, trained), numbers(name, "after.npy")),
  };
  // What its norms or its layers see of a tile depends on the tile; star says a smaller halo than its layers see.
  if (!/star|instance|group|deep|torch-em|nnunet|bilinear|corners/.test(name)) {
    const predictor = await createPredictor(device, checkpoint);
    const { channels } = predictor;
    const image = { ...SIDES, channels, data: imageOf(channels) };
    const { probabilities } = await predictor.predict(image, name);
    off.probabilities = mapsOff(probabilities, numbers(name, "probabilities.npy"));
    predictor.close();
  }
  const isChanged = shareOff(numbers(name, "after.npy"), logits) > 1e-4;
  const isWrong = !isChanged || Object.values(off).some((one) => !(one < MOST));
  if (isWrong) process.exitCode = 1;
  const words = Object.entries(off).map(([what, one]) => `${what} ${one.toExponential(1)}`);
  console.log(`${isWrong ? "FAIL " : ""}${name.padEnd(16)} ${words.join(", ")}`);
  if (STORED.includes(name as ExportedName)) {
    const module = createHash("sha256")
      .update(readFileSync(at(name, "network.py")))
      .digest("hex");
    const rounded = (values: ArrayLike<number>) =>
      Array.from(values, (one) => Number(one.toPrecision(8)));
    golden[name] = { module, logits: rounded(logits), after: rounded(numbers(name, "after.npy")) };
  }
}
if (process.argv.includes("--write") && wanted.length === 0) {
  const fixtures = `${tests}fixtures/exported`;
  mkdirSync(fixtures, { recursive: true });
  writeFileSync(`${fixtures}/pytorch.json`, `${JSON.stringify(golden)}\n`);
  for (const name of STORED) {
    copyFileSync(at(name, "trained.safetensors"), `${fixtures}/${name}.safetensors`);
  }
}
rmSync(folder, { recursive: true });

/** One map is the second of two classes. */
function mapsOff(got: Float32Array, wanted: ArrayLike<number>): number {
  const isSecond = got.length === 2 * wanted.length;
  return shareOff(isSecond ? got.subarray(wanted.length) : got, wanted);
}
