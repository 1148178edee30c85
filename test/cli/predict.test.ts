import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng, encodePng } from "../../src/node/png.js";
import { encodeSafetensors } from "../../src/train/safetensors.js";
import type { Checkpoint } from "../../src/train/types.js";
import { inFolder, runCli } from "./run.js";

const [width, height] = [7, 5];
const grey = Uint8Array.from({ length: width * height }, (_, i) => 7 * i);
const picture = encodePng({ width, height, channels: 1, bitDepth: 8, data: grey });

function checkpoint(classes = 2, channels = 1): Uint8Array {
  const content: Checkpoint = {
    tensors: new Map([["head.bias", { shape: [classes], data: new Float32Array(classes) }]]),
    metadata: {
      model: { architecture: "unet", base: 2, depth: 2, channels, classes, dropout: 0 },
      normalisation: { kind: "image" },
    },
  };
  return encodeSafetensors(content);
}

const predict = (...more: string[]) =>
  runCli(["predict", "--checkpoint", "c.safetensors", "--input", "in", "-o", "out", ...more]);

async function prepare(classes?: number, channels?: number): Promise<void> {
  await mkdir("in");
  await writeFile("in/a.png", picture);
  await writeFile("c.safetensors", checkpoint(classes, channels));
}

test("a mask and a 16-bit probability are written, as large as the input", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("in/notes.txt", "");
    // Neither a hidden file nor a folder is one that somebody meant to have predicted.
    await writeFile("in/.DS_Store", "");
    await mkdir("in/more");
    const { code, stdout, stderr, log } = await predict();
    assert.is(code, 0, stderr);
    assert.match(stdout, /in: skipping 1 file that is no PNG/);
    assert.equal((await readdir("out")).sort(), ["a-probability.png", "a.png"]);
    const mask = decodePng(await readFile("out/a.png"), "mask");
    assert.equal([mask.width, mask.height, mask.maximum], [width, height, 255]);
    assert.equal(
      [...mask.data],
      [...grey].map((value) => (value > 127 ? 255 : 0)),
    );
    const probability = decodePng(await readFile("out/a-probability.png"), "probability");
    assert.equal([probability.width, probability.height, probability.maximum], [7, 5, 65535]);
    assert.equal(
      [...probability.data],
      [...grey].map((value) => 257 * value),
    );
    assert.equal([log.opened, log.closed], [1, 1]);
  });
});

test("more classes give class indices and a probability each", async () => {
  await inFolder(async () => {
    await prepare(3);
    const { stdout } = await predict("--json");
    const [image] = JSON.parse(stdout).images;
    assert.is(image.mask, "out/a.png");
    assert.is(image.probability.length, 3);
    assert.equal((await readdir("out")).sort().slice(0, 3), [
      "a-probability-0.png",
      "a-probability-1.png",
      "a-probability-2.png",
    ]);
    const plane = decodePng(await readFile("out/a-probability-2.png"), "probability");
    assert.is(plane.data[0], 21845);
  });
});

test("an input is never overwritten", async () => {
  await inFolder(async () => {
    await prepare();
    const { code, stderr, log } = await predict("-o", "in/../in");
    assert.is(code, 1);
    assert.match(stderr, /^micrograph: --output .*: a\.png would overwrite an input;.*\n$/);
    assert.equal(new Uint8Array(await readFile("in/a.png")), new Uint8Array(picture));
    assert.is(log.opened, 0);
  });
});

test("what cannot be predicted is explained in one line, exit code 1", async () => {
  await inFolder(async () => {
    await prepare(2, 3);
    const says = async (expected: RegExp, ...more: string[]) => {
      const { code, stderr } = await predict(...more);
      assert.is(code, 1);
      assert.match(stderr, /^micrograph: [^\n]+\n$/);
      assert.match(stderr, expected);
    };
    await says(/in\/a\.png: it has 1 channel \(grey\), but .* 3 channels \(colour\)/);
    await says(/none: no such file or folder/, "--input", "none");
    await says(/none: the checkpoint cannot be read/, "--checkpoint", "none");
    await says(/--tile: .* 29 .* nearest valid size is 44/, "--tile", "29");
    await writeFile("c.safetensors", checkpoint().subarray(0, -4));
    await says(/c\.safetensors: truncated: its tensors take 8 bytes, but 4 follow the header/);
    await writeFile("c.safetensors", picture);
    await says(/c\.safetensors: not a checkpoint/);
    await writeFile("c.safetensors", checkpoint());
    await writeFile("in/a.png", picture.subarray(0, 60));
    await says(/in\/a\.png/);
  });
});

test.run();
