import { readdir, readFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng } from "../../src/node/png-files.js";
import { inFolder, runCli } from "./run.js";
import { writePairs } from "./train-runs.js";

const small = ["--steps", "4", "--validate-every", "2", "--tile", "28", "--depth", "1"];

test("gallery without data draws the embedded sample", async () => {
  await inFolder(async () => {
    const { code, stdout, log } = await runCli(["gallery", "-o", "out"]);
    assert.is(code, 0);
    assert.match(stdout, /6 files: open out\/index\.html/);
    const pictures = ["data", "overlap-tile", "augmentation", "weight-map"];
    const expected = [...pictures.map((name) => `${name}.png`), "architecture.txt", "index.html"];
    assert.equal((await readdir("out")).sort(), expected.sort());
    for (const name of pictures) {
      const { width } = decodePng(await readFile(`out/${name}.png`), name);
      assert.ok(width > 400, `${name}: ${width}`);
    }
    const text = await readFile("out/architecture.txt", "utf8");
    assert.match(text, /^encoder1\.conv1 +3 x 3 convolution +8 x 122 x 122 +80$/m);
    assert.match(text, /^Receptive field: 44 pixels per side$/m);
    assert.is(log.opened, 0, "no GPU is needed");
  });
});

test("gallery without data draws a network of any number of classes", async () => {
  await inFolder(async () => {
    const three = await runCli(["gallery", "-o", "three", "--classes", "3"]);
    assert.is(three.code, 0, three.stderr);
    assert.match(await readFile("three/index.html", "utf8"), /mitochondrion/);
    assert.match(await readFile("three/architecture.txt", "utf8"), /pixels, 3 classes$/m);
    const vgg = ["--model", "fcn8s-vgg16", "--base", "2", "--tile", "58", "--classes", "21"];
    const many = await runCli(["gallery", "-o", "many", ...vgg]);
    assert.is(many.code, 0, many.stderr);
    assert.match(many.stdout, /^Its labels have 3 of the 21 classes\.$/m);
  });
});

test("gallery with a checkpoint shows what its run held out, and its curves", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1", "2"]);
    await runCli(["train", "em", "-o", "run", ...small]);
    const checkpoint = ["--checkpoint", "run/best.safetensors"];
    const { code, stdout } = await runCli(["gallery", "em", "-o", "out", "--json", ...checkpoint]);
    assert.is(code, 0);
    const { files } = JSON.parse(stdout);
    assert.ok(files.includes("out/prediction-2.png"));
    assert.not.ok(files.includes("out/prediction-1.png"));
    assert.match(await readFile("out/index.html", "utf8"), /id="curves"/);
    const again = await runCli(["gallery", "em", "-o", "out", "--depth", "2", ...checkpoint]);
    assert.is(again.code, 1);
    assert.match(again.stderr, /--depth: the checkpoint already determines it; leave it out/);
  });
});

test("gallery refuses to write among the data, and tiles that do not fit", async () => {
  await inFolder(async () => {
    await writePairs(["0"]);
    const among = await runCli(["gallery", "em", "-o", "em/images"]);
    assert.is(among.code, 1);
    assert.match(among.stderr, /--output em\/images: this folder holds the data; choose another/);
    assert.equal(await readdir("em/images"), ["0.png"]);
    const odd = await runCli(["gallery", "em", "-o", "out", "--tile", "285"]);
    assert.match(odd.stderr, /--tile: .* nearest .* 284 and 300/);
  });
});

test("gallery draws a network by its name and sizes, without weights or a GPU", async () => {
  await inFolder(async () => {
    await writePairs(["0"]);
    const gallery = ["gallery", "em", "--augmentation", "none"];
    const sizes = ["--model", "unet", "--base", "64", "--depth", "4", "--tile", "572"];
    const { code, stdout, stderr, log } = await runCli([...gallery, "-o", "paper", ...sizes]);
    assert.is(code, 0, stderr);
    const leftOut = stdout.split("\n").filter((line) => line.includes("--checkpoint FILE"));
    assert.equal(leftOut, [
      "No predictions and no curves: these need a trained network, --checkpoint FILE.",
    ]);
    const text = await readFile("paper/architecture.txt", "utf8");
    assert.match(text, /^Network: U-Net of base 64, depth 4$/m);
    assert.match(text, /^Output tile: 388 x 388 pixels, 2 classes$/m);
    const html = await readFile("paper/index.html", "utf8");
    assert.match(html, /To classify the 388 x 388 pixels .* reads the 572 x 572/);
    assert.not.match(html, /id="(predictions|curves)"/);
    // An FCN has its own depth and tile, whatever the default for the data.
    assert.is((await runCli([...gallery, "-o", "fcn", "--model", "fcn8s"])).code, 0);
    const fcn = await readFile("fcn/architecture.txt", "utf8");
    assert.match(fcn, /^conv1_1 +3 x 3 convolution +16 x 288 x 288 +160$/m);
    assert.match(fcn, /^Cut in prediction: 181 pixels per side$/m);
    const page = await readFile("fcn/index.html", "utf8");
    assert.match(page, /zeros; prediction cuts the 181 pixels .* 310 x 310 .* 672 x 672/);
    assert.is(log.opened, 0, "no GPU is needed");
  });
});

test("gallery draws every architecture", async () => {
  await inFolder(async () => {
    await writePairs(["0"]);
    for (const name of ["fcn8s-vgg16", "fcn16s-vgg16", "fcn32s-vgg16"]) {
      const args = ["gallery", "em", "-o", name, "--model", name, "--base", "2", "--tile", "58"];
      const { code, stderr } = await runCli(args);
      assert.is(code, 0, stderr);
      const { width, height } = decodePng(await readFile(`${name}/overlap-tile.png`), name);
      assert.ok(width > height && height > 400, `${name}: ${width} x ${height}`);
    }
  });
});

test("gallery refuses an impossible network, and a network's name together with a checkpoint", async () => {
  await inFolder(async () => {
    await writePairs(["0", "1"]);
    const says = async (expected: RegExp, ...more: string[]) => {
      const { code, stderr } = await runCli(["gallery", "em", "-o", "out", ...more]);
      assert.is(code, 1);
      assert.match(stderr, expected);
    };
    await says(/the depth of an FCN must be 5 poolings, got 4/, "--model", "fcn8s", "--depth", "4");
    await says(/--tile: .* an FCN-8s: .* 96 and 128/, "--model", "fcn8s", "--tile", "100");
    await runCli(["train", "em", "-o", "run", ...small]);
    const both = ["--model", "unet", "--checkpoint", "run/best.safetensors"];
    await says(/--model: the checkpoint already determines it; leave it out/, ...both);
    assert.equal((await readdir(".")).sort(), ["em", "run"]);
  });
});

test.run();
