import { existsSync } from "node:fs";
import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { importNetwork, loadCheckpoint } from "../../src/node.js";
import { onnxBytes, rawBytes } from "../interchange/onnx-bytes.js";
import { smallOnnx } from "../interchange/small-onnx.js";
import { inFolder, runCli } from "./run.js";

test("import writes a checkpoint that loads, and says what it assumed", async () => {
  await inFolder(async () => {
    await writeFile("net.onnx", onnxBytes(smallOnnx));
    const { code, stdout } = await runCli(["import", "net.onnx"]);
    assert.is(code, 0);
    assert.match(
      stdout,
      "net.onnx: the file ends without an activation: softmax is assumed for 2 maps",
    );
    assert.match(
      stdout,
      "net.safetensors: network of 12 ONNX nodes, 158 weights, 1 channels, 2 classes",
    );
    const { metadata, tensors } = await loadCheckpoint("net.safetensors");
    const direct = await loadCheckpoint("net.onnx");
    assert.equal(metadata, direct.metadata);
    assert.equal([...tensors.keys()].sort(), [...direct.tensors.keys()].sort());
    assert.equal(tensors.get("head.weight"), direct.tensors.get("head.weight"));
  });
});

test("import takes what the file does not say, and prints JSON", async () => {
  await inFolder(async () => {
    await writeFile("net.onnx", onnxBytes(smallOnnx));
    const options = [
      "--activation",
      "sigmoid",
      "--mean",
      "0.5",
      "--deviation",
      "0.25",
      "-o",
      "own.safetensors",
    ];
    const { code, stdout } = await runCli(["import", "net.onnx", ...options, "--json"]);
    assert.is(code, 0);
    const { checkpoint, parameters, channels, classes, gridStep, remarks } = JSON.parse(stdout);
    assert.equal(
      [checkpoint, parameters, channels, classes, gridStep],
      ["own.safetensors", 158, 1, 2, 2],
    );
    assert.equal(remarks, []);
    const { metadata } = await loadCheckpoint("own.safetensors");
    assert.equal(metadata.normalisation, { kind: "statistics", mean: [0.5], deviation: [0.25] });
    assert.is(metadata.model.activation, "sigmoid");
  });
});

test("import writes nothing over a file, and nothing for a file that is refused", async () => {
  await inFolder(async () => {
    await writeFile("net.onnx", onnxBytes(smallOnnx));
    await writeFile("net.safetensors", "precious");
    const refused = await runCli(["import", "net.onnx"]);
    assert.is(refused.code, 1);
    assert.match(refused.stderr, /^micrograph: net\.safetensors: exists: [^\n]*--force\n$/);
    assert.is(await readFile("net.safetensors", "utf8"), "precious");
    await writeFile("text.onnx", "no network");
    const damaged = await runCli(["import", "text.onnx"]);
    assert.is(damaged.code, 1);
    assert.match(
      damaged.stderr,
      /^micrograph: text\.onnx: not an ONNX model, or damaged: [^\n]*\n$/,
    );
    assert.not(existsSync("text.safetensors"));
    const half = await runCli(["import", "net.onnx", "--mean", "0", "--force"]);
    assert.match(half.stderr, "--mean and --deviation: give both");
  });
});

test("a network of another program is trained further, resumed, and keeps its layers", async () => {
  await inFolder(async () => {
    await writeFile("net.onnx", onnxBytes(smallOnnx));
    const small = ["--tile", "32", "--validate-every", "2"];
    const { code } = await runCli([
      "train",
      "--from",
      "net.onnx",
      "-o",
      "out",
      "--steps",
      "2",
      ...small,
    ]);
    assert.is(code, 0);
    const { model } = JSON.parse(await readFile("out/config.json", "utf8"));
    assert.equal([model.architecture, model.graph.nodes.length], ["onnx", 12]);
    const resumed = await runCli(["train", "--resume", "out", "--steps", "4"]);
    assert.is(resumed.code, 0, resumed.stderr);
    const other = await runCli(["train", "--from", "net.onnx", "--classes", "3", "-o", "other"]);
    assert.match(
      other.stderr,
      "net.onnx: its network has 2 classes, but the data have 3: the layers",
    );
  });
});

test("weights are read from the folder of the model, and from nowhere else", async () => {
  await inFolder(async () => {
    const weight = smallOnnx.initializers["down.weight"];
    const raw = rawBytes(weight);
    const write = (location: string, length = raw.length) => {
      const external = { location, offset: "4", length: String(length) };
      const initializers = { ...smallOnnx.initializers, "down.weight": { ...weight, external } };
      return writeFile("m/net.onnx", onnxBytes({ ...smallOnnx, initializers }));
    };
    await mkdir("m");
    await writeFile("m/w.bin", Uint8Array.from([1, 2, 3, 4, ...raw]));
    await writeFile("secret.bin", Uint8Array.from([1, 2, 3, 4, ...raw]));
    await symlink("../secret.bin", "m/link.bin");
    await write("w.bin");
    const { checkpoint } = await importNetwork("m/net.onnx");
    assert.equal(
      [...(checkpoint.tensors.get("down.weight")?.data ?? [])],
      [...Float32Array.from(weight.values)],
    );
    const messages: string[] = [];
    for (const [location, length] of [
      ["../w.bin"],
      ["/etc/passwd"],
      ["none.bin"],
      ["w.bin", 112],
      ["link.bin"],
    ] as const) {
      await write(location, length);
      await importNetwork("m/net.onnx").catch((error) => messages.push(error.message));
    }
    assert.match(
      messages[0],
      "its weights are in ../w.bin, expected a file in the folder of the model",
    );
    assert.match(
      messages[1],
      "its weights are in /etc/passwd, expected a file in the folder of the model",
    );
    assert.match(
      messages[2],
      /none\.bin: the weights of m\/net\.onnx cannot be read: no such file/,
    );
    assert.match(messages[3], "go to byte 116 of w.bin, which has 112 bytes");
    assert.match(messages[4], "m/net.onnx: its weights link.bin are a link to ");

    // Caches of downloads: the model and its weights are links to files in one folder.
    await mkdir("cache");
    await write("w.bin");
    await rename("m/net.onnx", "m/stored");
    await symlink("../m/stored", "cache/net.onnx");
    await symlink("../m/w.bin", "cache/w.bin");
    assert.is((await importNetwork("cache/net.onnx")).checkpoint.tensors.size, 6);
  });
});

test.run();
