import { readFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng } from "../../src/node/png-files.js";
import {
  COLOURS,
  configOf,
  HEX,
  NAMES,
  RGB,
  rgbPng,
  SIZE,
  small,
  train,
  writeData,
} from "./class-data.js";
import { inFolder, runCli } from "./run.js";

test("report and gallery show the classes by name and colour", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    await train(...NAMES, ...COLOURS);
    const html = await readFile("run/report.html", "utf8");
    assert.match(html, /rgb\(212,68,47\)"><\/i>organelle<\/span>/);
    assert.match(html, /<th scope="row">organelle<\/th><td class="number">25\.0 %<\/td>/);
    assert.match(html, /<dt>Class names<\/dt><dd>membrane, cell, organelle<\/dd>/);
    const args = ["gallery", "data", "--checkpoint", "run/best.safetensors", "-o", "pictures"];
    const { code, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(await readFile("pictures/index.html", "utf8"), /<\/i>organelle<\/span>/);
    const sheet = decodePng(await readFile("pictures/data.png"), "data");
    const count = sheet.width * sheet.height;
    const has = (wanted: readonly number[]) =>
      Array.from({ length: count }, (_, i) => i).filter((i) =>
        wanted.every((value, channel) => sheet.data[channel * count + i] === value),
      ).length;
    // A quarter of the two labels, and the key of the third class above each.
    assert.is(has(RGB[2]), (2 * SIZE * SIZE) / 4 + 2 * 7 * 7);
    const told = await runCli([...args, ...NAMES]);
    assert.match(told.stderr, /--class-names: the checkpoint already determines it; leave it out/);
    const plain = await runCli(["gallery", "data", "-o", "plain", ...NAMES, ...COLOURS]);
    assert.is(plain.code, 0, plain.stderr);
  });
});

test("compare calls the classes by name, in the table and the pictures", async () => {
  await inFolder(async () => {
    await writeData([rgbPng(), rgbPng()]);
    const networks = ["--models", "unet", ...small];
    const args = ["compare", "data", "-o", "both", ...networks, ...NAMES, ...COLOURS];
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^iou of 2 organelle +1\.0000$/m);
    assert.equal((await configOf("both/unet")).task.classColours, HEX);
    const { data } = decodePng(await readFile("both/pictures/1.png"), "picture");
    const count = data.length / 3;
    const isRed = (i: number) => [0, 1, 2].every((c) => data[c * count + i] === RGB[2][c]);
    assert.ok(Array.from({ length: count }, (_, i) => i).some(isRed));
  });
});

test.run();
