import { mkdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { createModel } from "../../src/model/architectures.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { encodePng } from "../../src/node/png-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { modelConfig } from "../../src/train/config.js";
import type {
  Checkpoint,
  CheckpointMetadata,
  ModelConfig,
} from "../../src/train/training-types.js";
import { configOf } from "./class-data.js";
import { inFolder, runCli } from "./run.js";
import { fails, small, writePairs } from "./train-runs.js";

const network = modelConfig({ base: 2, depth: 1, dropout: 0.25 });
const tile = ["--tile", "28"];

/** Writes a checkpoint of random weights. */
async function writeCheckpoint(
  path: string,
  model: ModelConfig = network,
  more: Partial<CheckpointMetadata> = {},
  change: (tensors: Checkpoint["tensors"]) => void = () => {},
): Promise<void> {
  const { parameters } = createModel(model);
  const values = initialValues(parameters, 5);
  const tensors = new Map(
    parameters.list.map((one) => [one.name, { shape: one.shape, data: slice(one, values) }]),
  );
  change(tensors);
  const metadata = { model, normalisation: { kind: "image" }, ...more } as const;
  await writeFile(path, encodeSafetensors({ tensors, metadata }));
}

test("train --from takes a network that comes with the package by its name", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const args = ["train", "em", "--from", "membranes", ...small, "--tile", "92"];
    const { code, stdout, stderr, log } = await runCli([...args, "-o", "runs/b"]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /Starting from the weights of membranes at step \d+\.\n/);
    assert.match(stdout, /U-Net of base 8, depth 3/);
    assert.is(log.from?.metadata.model.norm, "batch");
    assert.is((await configOf("runs/b")).from.checkpoint, "membranes");
    const more = await runCli(["train", "--resume", "runs/b", "--steps", "6"]);
    assert.is(more.code, 0, more.stderr);
    assert.is((await configOf("runs/b")).from.checkpoint, "membranes");
  });
});

test("train --from takes the network of the checkpoint, its weights, and no more", async () => {
  await inFolder(async () => {
    await writeCheckpoint("a.safetensors", network, { progress: { step: 70, best: undefined } });
    await writePairs(["0", "1"]);
    const args = ["train", "em", "--from", "a.safetensors", ...small, ...tile];
    const { code, stdout, stderr, log } = await runCli([...args, "-o", "runs/b"]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /Starting from the weights of a\.safetensors at step 70\.\n/);
    assert.not.match(stdout, /is new/);
    assert.match(stdout, /U-Net of base 2, depth 1; 4 steps/);
    assert.equal(log.from?.metadata.model, network);
    assert.is(log.resumedAt, undefined);
    const config = await configOf("runs/b");
    assert.is(config.from.checkpoint, "../../a.safetensors");
    assert.match(config.from.weights, /^[0-9a-f]{16}$/);
    assert.equal(config.model, network);
    assert.is(config.config.learningRate, 0.001);
    assert.match(
      await readFile("runs/b/report.html", "utf8"),
      /Started from the weights of.*a\.safetensors/,
    );
    const more = await runCli(["train", "--resume", "runs/b", "--steps", "6"]);
    assert.is(more.code, 0, more.stderr);
    assert.is(more.log.from, undefined);
    assert.equal((await configOf("runs/b")).from, config.from);
  });
});

test("a digest distinguishes weights, regardless of the rest of the file", async () => {
  await inFolder(async () => {
    await writeCheckpoint("a.safetensors");
    await writeCheckpoint("b.safetensors", network, { progress: { step: 9, best: undefined } });
    await writeCheckpoint("c.safetensors", network, {}, (tensors) => {
      (tensors.get("head.bias") as { data: Float32Array }).data[0] = 1e-6;
    });
    await writePairs(["0", "1"]);
    const weights = async (name: string) => {
      const args = ["train", "em", "--from", `${name}.safetensors`, ...small, ...tile, "-o", name];
      assert.is((await runCli(args)).code, 0);
      return (await configOf(name)).from.weights;
    };
    const [a, b, c] = [await weights("a"), await weights("b"), await weights("c")];
    assert.is(a, b);
    assert.is.not(a, c);
  });
});

test("other classes and channels get new layers, which is said", async () => {
  await inFolder(async () => {
    await writeCheckpoint("a.safetensors");
    await mkdir("em/images", { recursive: true });
    await mkdir("em/labels", { recursive: true });
    const label = Uint8Array.from({ length: 1024 }, (_, i) => i % 3);
    const image = new Uint8Array(3 * 1024).map((_, i) => i % 251);
    const size = { width: 32, height: 32, bitDepth: 8 } as const;
    for (const name of ["0", "1"]) {
      await writeFile(`em/images/${name}.png`, encodePng({ ...size, channels: 3, data: image }));
      await writeFile(`em/labels/${name}.png`, encodePng({ ...size, channels: 1, data: label }));
    }
    const args = ["train", "em", "--from", "a.safetensors", ...small, ...tile, "-o", "b"];
    const { code, stdout, stderr, log } = await runCli([...args, "--classes", "3"]);
    assert.is(code, 0, stderr);
    assert.match(stdout, /The first layer is new: 1 channel became 3\.\n/);
    assert.match(stdout, /The last layer is new: 2 classes became 3\.\n/);
    assert.is(log.from?.metadata.model.classes, 2);
    const { model } = await configOf("b");
    assert.equal([model.classes, model.channels, model.base, model.dropout], [3, 3, 2, 0.25]);
  });
});

test("names, colours and the ignored value are the checkpoint's if the number of classes is the same", async () => {
  await inFolder(async () => {
    const classNames = ["wall", "cell", "core"];
    const classColours = ["#000000", "#ffffff", "#d4442f"];
    const model = { ...network, classes: 3, classNames, classColours };
    await writeCheckpoint("a.safetensors", model, { ignore: 255 });
    const run = async (folder: string, ...more: string[]) => {
      const args = ["train", "--from", "a.safetensors", ...small, ...tile, "-o", folder];
      const outcome = await runCli([...args, ...more]);
      assert.is(outcome.code, 0, outcome.stderr);
      return { ...outcome, ...(await configOf(folder)) };
    };
    const kept = await run("kept");
    assert.equal(kept.model, { ...network, classes: 3 });
    assert.equal(kept.task, { classNames, classColours });
    assert.is(kept.ignore, 255);
    assert.match(kept.stdout, /Classes as in the checkpoint: wall, cell, core\.\n/);
    assert.match(kept.stdout, /Ignored, as in the network's training labels: 255\.\n/);
    const renamed = await run("renamed", "--class-names", "a,b,c", "--ignore", "7");
    assert.equal(renamed.model, kept.model);
    assert.equal(renamed.task, { classNames: ["a", "b", "c"], classColours });
    assert.is(renamed.ignore, 7);
    assert.match(
      renamed.stdout,
      /is kept, although .* other names: wall, cell, core became a, b, c\./,
    );
    const two = await run("two", "--classes", "2");
    assert.equal(two.model, { ...network, classes: 2 });
    assert.is(two.ignore, undefined);
    assert.match(two.stdout, /The last layer is new: 3 classes became 2\.\n/);
  });
});

test("an error about labels mentions an ignored value that comes from the checkpoint", async () => {
  await inFolder(async () => {
    await writeCheckpoint("a.safetensors", network, { ignore: 255 });
    await writePairs(["0", "1"]);
    const args = ["train", "em", "--from", "a.safetensors", ...small, ...tile];
    const told =
      /no pixel of class 1 .*; 255 is ignored, as in the training labels of a\.safetensors/;
    await fails(args, 1, told);
    assert.is((await runCli([...args, "--ignore", "254"])).code, 0);
  });
});

test("a run folder means its best checkpoint, else its last", async () => {
  await inFolder(async () => {
    await mkdir("a");
    await writePairs(["0", "1"]);
    const args = ["train", "em", "--from", "a", ...small, ...tile];
    await fails(args, 1, /^micrograph: a: a folder without best\.safetensors or last\.safetensors/);
    await writeCheckpoint("a/last.safetensors");
    assert.match((await runCli(args)).stdout, /the weights of a\/last\.safetensors/);
    await writeCheckpoint("a/best.safetensors");
    assert.match((await runCli(args)).stdout, /the weights of a\/best\.safetensors/);
    await fails(["train", "--from", "b", ...small], 1, /^micrograph: b: .* no such file/);
  });
});

test("what contradicts the checkpoint is refused, and what it lacks, in one line each", async () => {
  await inFolder(async () => {
    await writeCheckpoint("a.safetensors");
    await writePairs(["0", "1"]);
    const args = ["train", "em", "--from", "a.safetensors", ...small, ...tile];
    await fails([...args, "--base", "32"], 1, /--base 32: the network of a\.safetensors has 2/);
    const linear = [...args, "--upsampling", "linear"];
    await fails(linear, 1, /linear: the network of a\.safetensors has transposed: leave out --ups/);
    await fails([...args, "--depth", "2"], 1, /--depth 2: the network of a\.safetensors has 1/);
    await fails(
      [...args, "--model", "fcn8s"],
      1,
      /--model fcn8s: the network of a\.safetensors has unet/,
    );
    assert.is((await runCli([...args, "--base", "2", "--model", "unet"])).code, 0);
    await fails([...args, "--resume", "out"], 2, /'--from <CHECKPOINT>' cannot be used with/);
    await writeCheckpoint("b.safetensors", network, {}, (tensors) => {
      (tensors as Map<string, unknown>).delete("head.weight");
    });
    const other = ["train", "--from", "b.safetensors", ...small, ...tile];
    await fails(
      other,
      1,
      /^micrograph: b\.safetensors: .* the checkpoint has no tensor head\.weight/,
    );
    await writeFile("b.safetensors", "no checkpoint");
    await fails(other, 1, /^micrograph: b\.safetensors: not a checkpoint/);
  });
});

test.run();
