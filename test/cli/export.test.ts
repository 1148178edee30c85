import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readZip } from "../../src/formats/zip.js";
import { importNetwork, loadCheckpoint } from "../../src/node.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { untrained } from "../interchange/untrained.js";
import { inFolder, runCli } from "./run.js";

test("export writes an ONNX file that import reads, and says how to run it", async () => {
  await inFolder(async () => {
    await writeFile("net.safetensors", encodeSafetensors(untrained({ base: 2, depth: 1 })));
    const { code, stdout } = await runCli([
      "export",
      "--checkpoint",
      "net.safetensors",
      "-o",
      "net.onnx",
    ]);
    assert.is(code, 0);
    assert.match(
      stdout,
      "net.onnx: images [N, 1, H, W] whose sides are multiples of 2, at least 10",
    );
    assert.match(stdout, "Normalise by means 0 and standard deviations 1, where white is 1.");
    const { checkpoint } = await importNetwork("net.onnx");
    assert.equal([checkpoint.metadata.model.classes, checkpoint.metadata.model.gridStep], [2, 2]);
    const again = await runCli(["export", "--checkpoint", "net.safetensors", "-o", "net.onnx"]);
    assert.match(again.stderr, "net.onnx: exists");
    const bytes = await readFile("net.onnx");
    const json = await runCli([
      "export",
      "--checkpoint",
      "net.safetensors",
      "-o",
      "net.onnx",
      "--force",
      "--json",
    ]);
    assert.is(JSON.parse(json.stdout).bytes, bytes.length);
    assert.equal(await readFile("net.onnx"), bytes);
  });
});

test("--external writes a small ONNX file that reads the weights from the checkpoint in its folder", async () => {
  await inFolder(async () => {
    await mkdir("run");
    await writeFile("run/best.safetensors", encodeSafetensors(untrained({ base: 8, depth: 2 })));
    const run = (output: string) =>
      runCli(["export", "--checkpoint", "run", "-o", output, "--external"]);
    for (const output of ["run/net.onnx", "net.onnx"]) {
      assert.is((await run(output)).code, 0);
      assert.ok((await readFile(output)).length < 8000);
      const { checkpoint } = await importNetwork(output);
      const { tensors } = await loadCheckpoint("run/best.safetensors");
      const name = "encoder1.conv1.weight";
      assert.equal(checkpoint.tensors.get(name), tensors.get(name));
    }
    await mkdir("other");
    const { stderr } = await run("other/net.onnx");
    assert.match(stderr, "must be a safetensors file in the folder of other/net.onnx, or below it");
  });
});

test("export to PyTorch writes a folder or a zip file with a module and its weights, whole or not at all", async () => {
  await inFolder(async () => {
    await writeFile("net.safetensors", encodeSafetensors(untrained({ base: 2, depth: 1 })));
    const run = (...more: string[]) =>
      runCli(["export", "--checkpoint", "net.safetensors", "--to", "pytorch", ...more]);
    const { code, stdout } = await run("-o", "module");
    assert.is(code, 0);
    assert.match(stdout, "module: network.py and network.safetensors");
    assert.match(await readFile("module/network.py", "utf8"), "class Network(nn.Module):");
    const { metadata } = await loadCheckpoint("module/network.safetensors");
    assert.is(metadata.model.base, 2);
    assert.match((await run("-o", "module")).stderr, "module: exists: choose another name");
    assert.is((await run("-o", "module", "--force")).code, 0);
    assert.is((await run("-o", "module.zip", "--json")).code, 0);
    const files = readZip(await readFile("module.zip"), "module.zip");
    assert.equal(Object.keys(files), ["network.py", "network.safetensors"]);
    await writeFile("file", "");
    const { stderr } = await run("-o", "file/module");
    assert.match(stderr, /^micrograph: [^\n]* cannot be created: [^\n]*\n$/);
    assert.equal((await readdir(".")).sort(), ["file", "module", "module.zip", "net.safetensors"]);
  });
});

test("the folder of a package is exported like a file, and what has no form is refused before anything is written", async () => {
  // Relative to dist/test/cli, where this file runs.
  const packages = fileURLToPath(new URL("../../../test/fixtures/packages/", import.meta.url));
  await inFolder(async () => {
    const run = (name: string, ...more: string[]) =>
      runCli(["export", "--checkpoint", `${packages}${name}`, ...more]);
    const { stdout } = await run("star", "-o", "star.onnx");
    assert.match(stdout, "star.onnx: images [N, 1, H, W] whose sides are multiples of 2");
    const { stderr } = await run("plane", "--to", "pytorch", "-o", "plane");
    assert.match(
      stderr,
      /^micrograph: [^\n]*plane: cannot be written as a module of PyTorch: [^\n]*Gather is not written[^\n]*\n$/,
    );
    assert.equal(await readdir("."), ["star.onnx"]);
  });
});

test("a package of bioimage.io asks for what no checkpoint says, and takes a held-out image of the run", async () => {
  await inFolder(async () => {
    assert.is((await runCli(["train", "-o", "run", "--steps", "1"])).code, 0);
    const checkpoint = encodeSafetensors(untrained({ base: 2, depth: 1 }));
    await writeFile("run/best.safetensors", checkpoint);
    await writeFile("net.safetensors", checkpoint);
    const run = (from: string, ...more: string[]) =>
      runCli(["export", "--checkpoint", from, "--to", "bioimageio", "-o", "cells", ...more]);
    assert.match(
      (await run("run", "--name", "Cells in EM")).stderr,
      "who made it and how it may be used: give --author, --licence",
    );
    const said = ["--name", "Cells in EM", "--author", "Ada; London", "--licence", "MIT"];
    assert.match((await run("net.safetensors", ...said)).stderr, "name one by --image");
    const { code, stdout, log } = await run("run", ...said);
    assert.equal([code, log.opened, log.closed], [0, 1, 1]);
    assert.match(stdout, "Test it: npx micrograph test cells");
    assert.match(await readFile("cells/bioimageio.yaml", "utf8"), /^Cells in EM, \d+ x \d+$/);
    const { stderr } = await run("run", ...said, "--force", "--image", "run/samples/input");
    assert.match(stderr, /^micrograph: run\/samples\/input: /);
  });
});

test.run();
