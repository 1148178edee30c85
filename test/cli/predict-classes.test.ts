import { readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodePng } from "../../src/node/png-files.js";
import {
  greyPng,
  HEX,
  indices,
  palettePng,
  predict,
  prepare,
  RGB,
  rgbPng,
  SIZE,
  train,
  writeData,
} from "./class-data.js";
import { inFolder, runCli } from "./run.js";

test("predict writes indices in grey and with a palette, and how the classes are called", async () => {
  await inFolder(async () => {
    await prepare();
    const { code, stdout, stderr } = await predict("--overlay", "--json");
    assert.is(code, 0, stderr);
    assert.is(JSON.parse(stdout).images[0].colours, "out/0-colours.png");
    const mask = decodePng(await readFile("out/0.png"), "mask");
    const coloured = decodePng(await readFile("out/0-colours.png"), "colours");
    assert.equal([mask.channels, coloured.channels], [1, 3]);
    assert.equal([...(coloured.indices ?? [])], [...mask.data]);
    const at = (pixel: number) => [0, 1, 2].map((i) => coloured.data[i * SIZE * SIZE + pixel]);
    for (const pixel of [0, 1, 3]) assert.equal(at(pixel), RGB[mask.data[pixel]]);
    assert.equal(new Set(mask.data), new Set([0, 1, 2]), "as the fake network sees the greys");
    assert.equal(JSON.parse(await readFile("out/classes.json", "utf8")), {
      ...{ classes: 3, classNames: ["membrane", "cell", "organelle"], classColours: HEX },
    });
    const overlay = decodePng(await readFile("out/0-overlay.png"), "overlay");
    const outline = mask.data.indexOf(2);
    const drawn = [0, 1, 2].map((i) => overlay.data[i * SIZE * SIZE + outline]);
    assert.equal(drawn, RGB[2]);
  });
});

test("evaluate names the classes as predict wrote them down, or as they are typed", async () => {
  await inFolder(async () => {
    await prepare();
    await predict();
    const args = ["evaluate", "--prediction", "out", "--labels", "data/labels"];
    const { code, stdout, stderr } = await runCli(args);
    assert.is(code, 0, stderr);
    assert.match(stdout, /^all 2 +2 organelle +1\.0000 +1\.0000 +1\.0000 +1\.0000$/m);
    const typed = ["--class-names", "x,y,z"];
    const json = JSON.parse((await runCli([...args, ...typed, "--json"])).stdout);
    assert.equal(
      [json.classes, json.all.iou],
      [
        ["x", "y", "z"],
        [1, 1, 1],
      ],
    );
    // A mask with a palette, and one in colours, are read like one of grey indices.
    await writeFile("out/0.png", palettePng(RGB));
    await writeFile("out/1.png", rgbPng());
    assert.equal(JSON.parse((await runCli([...args, "--json"])).stdout).all.wrongPixels, 0);
    await writeFile("out/classes.json", "{}");
    const damaged = await runCli(args);
    assert.match(damaged.stderr, /out\/classes\.json: damaged: it lacks "classes"/);
  });
});

test("predictions of two classes without names come with a list of the classes", async () => {
  await inFolder(async () => {
    const label = greyPng(indices.map((index) => 255 * Math.min(index, 1)));
    await writeData([label, label]);
    await train();
    await predict();
    const usual = ["0-probability.png", "0.png", "1-probability.png", "1.png", "classes.json"];
    assert.equal((await readdir("out")).sort(), usual);
    // A file that other predictions left there would be wrong.
    await writeFile("out/classes.json", '{"classes": 3}');
    await predict();
    const list = JSON.parse(await readFile("out/classes.json", "utf8"));
    assert.equal(list, { classes: 2, threshold: 0.5 });
  });
});

test.run();
