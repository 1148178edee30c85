import { mkdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodePng } from "../../src/node/png-files.js";
import { grey, jpegged, SCENES, SIDE } from "../data/label-scenes.js";
import { small } from "./class-data.js";
import { inFolder, runCli } from "./run.js";

type Map = (scene: (typeof SCENES)[number]) => ArrayLike<number>;

function png(data: ArrayLike<number>, bitDepth: 8 | 16 = 8): Uint8Array {
  return encodePng({ width: SIDE, height: SIDE, channels: 1, bitDepth, data });
}

/** Four images, the last of them held out, and labels. */
async function writeData(label: Map, bitDepth: 8 | 16 = 8): Promise<void> {
  for (const folder of ["data/images", "data/labels"]) await mkdir(folder, { recursive: true });
  for (const [i, scene] of SCENES.entries()) {
    await writeFile(`data/images/${i}.png`, png(scene.cells.map((v) => 50 + 100 * v)));
    await writeFile(`data/labels/${i}.png`, png(label(scene), bitDepth));
  }
}

const train = (...more: string[]) => runCli(["train", "data", "-o", "run", ...small, ...more]);

const config = async () => JSON.parse(await readFile("run/config.json", "utf8"));

test("one number per cell stops the training, and --instances takes it, once and on resuming", async () => {
  await inFolder(async () => {
    await writeData(({ ids }) => ids.map((id) => 300 * id), 16);
    for (const command of ["train", "compare", "gallery"]) {
      const { code, stderr, log } = await runCli([command, "data", "-o", "out"]);
      assert.equal([code, log.opened], [1, 0], command);
      assert.match(
        stderr,
        /^micrograph: label data\/labels\/\d\.png: [^\n]*--instances[^\n]*--classes[^\n]*\n$/,
      );
    }
    const { code, stdout, stderr } = await train("--instances");
    assert.is(code, 0, stderr);
    assert.match(stdout, /Labels hold one number per cell: above 0 is class 1/);
    const { labels, model } = await config();
    assert.equal([labels.reading, labels.classes, model.classes], ["instances", 2, 2]);
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    assert.equal((await config()).labels, labels);
    const other = await runCli(["train", "--resume", "run", "--steps", "6", "--instances"]);
    assert.match(other.stderr, /leave out --instances/);
    // The gallery reads them as in training.
    const args = ["gallery", "data", "--checkpoint", "run/best.safetensors", "-o", "pictures"];
    const pictures = await runCli(args);
    assert.is(pictures.code, 0, pictures.stderr);
  });
});

test("the network has as many classes as the labels, unless some are declared", async () => {
  await inFolder(async () => {
    const three: Map = ({ cells }) => cells.map((v, i) => v * (1 + (Math.floor(i / 3) % 2)));
    await writeData(three);
    const { code, stdout, stderr } = await train();
    assert.is(code, 0, stderr);
    assert.match(stdout, /detected automatically: 3 classes/);
    assert.equal([(await config()).model.classes, (await config()).labels.classes], [3, 3]);
    assert.match((await train("--classes", "2")).stderr, /0\.png: it has values such as 2 \(/);
    const best = await train("--best", "v-info");
    assert.match(best.stderr, /--best v-info: needs two classes/);
    // Class 3 has no pixel to train on.
    const more = await train("--classes", "4", "-o", "four");
    assert.match(
      more.stderr,
      /^micrograph: data: the 3 labels to train on have no pixel of class 3,/,
    );
    const compared = await runCli(["compare", "data", "--models", "unet", "-o", "c", ...small]);
    assert.is(compared.code, 0, compared.stderr);
    const { settings } = JSON.parse(await readFile("c/compare.json", "utf8"));
    assert.is(settings.networks[0].model.classes, 3);
  });
});

test("soft edges stop the training, and the threshold that is named takes them", async () => {
  await inFolder(async () => {
    await writeData(({ cells }) => jpegged(cells.map((v) => 255 * v)));
    const refused = await train();
    assert.is(refused.code, 1);
    assert.match(
      refused.stderr,
      /^micrograph: label data\/labels\/0\.png: .*--label-threshold 1\d\d /,
    );
    const { code, stderr } = await train("--label-threshold", "128");
    assert.is(code, 0, stderr);
    const { labels } = await config();
    assert.equal([labels.reading, labels.threshold], ["threshold", 128]);
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    const outside = await train("--label-threshold", "255", "-o", "other");
    assert.match(outside.stderr, /--label-threshold 255: the labels' values are 0 to 255/);
  });
});

test("labels from which nothing can be learned are refused with the class and what to check", async () => {
  await inFolder(async () => {
    await writeData(({ cells }) => cells.map(() => 0));
    const { code, stderr, log } = await train();
    assert.equal([code, log.opened], [1, 0]);
    assert.match(
      stderr,
      /^micrograph: data: the 3 labels to train on have no pixel of class 1 \(cell\)/,
    );
    assert.match(stderr, /right folder of labels.*--label-threshold/);
    // An empty label among others is valid.
    await writeFile("data/labels/1.png", png(SCENES[1].cells));
    assert.is((await train()).code, 0);
    await writeFile("data/labels/1.png", png(grey(SCENES[1].cells.map(() => 0)).data));
    await writeFile("data/labels/3.png", png(SCENES[3].cells));
    const held = await train("-o", "held");
    assert.match(held.stderr, /the held-out images have some: choose others by --validation/);
  });
});

test("an older run without a decision on its labels continues as before", async () => {
  await inFolder(async () => {
    await writeData(({ cells }) => cells.map((v) => 255 * v));
    assert.is((await train()).code, 0);
    const { labels, ...older } = await config();
    assert.equal(labels.numbers, [[0], [255]]);
    await writeFile("run/config.json", JSON.stringify(older));
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
  });
});

test.run();
