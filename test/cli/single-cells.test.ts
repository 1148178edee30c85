// Single cells from the command line: what `train` takes for granted, what `predict --objects` writes and
// `evaluate` makes of it.

import { copyFile, mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { ObjectTask } from "../../src/data/task.js";
import { encodeTiff } from "../../src/formats/tiff/write-tiff.js";
import { createReader } from "../../src/node/image-files.js";
import { decodePng, encodePng } from "../../src/node/png-files.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { INSTANCE_W0 } from "../../src/train/recipes.js";
import { small } from "./class-data.js";
import { inFolder, runCli } from "./run.js";

const SIDE = 40;
/** Two discs that touch, and one that touches none: numbers, and what the fake network predicts, the image itself. */
const ids = Array.from({ length: SIDE * SIDE }, (_, pixel) => {
  const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
  const isIn = (cx: number, cy: number) => (x - cx) ** 2 + (y - cy) ** 2 <= 49;
  if (isIn(10, 10) && x <= 16) return 300;
  return isIn(23, 10) ? 2 : isIn(25, 30) ? 7 : 0;
});

const png = (data: ArrayLike<number>, bitDepth: 8 | 16 = 8) =>
  encodePng({ width: SIDE, height: SIDE, channels: 1, bitDepth, data });

async function writeData(): Promise<void> {
  for (const folder of ["data/images", "data/labels"]) await mkdir(folder, { recursive: true });
  for (const name of ["a", "b"]) {
    await writeFile(`data/images/${name}.png`, png(ids.map((id) => (id > 0 ? 250 : 5))));
    await writeFile(`data/labels/${name}.png`, png(ids, 16));
  }
}

const train = (...more: string[]) =>
  runCli(["train", "data", "-o", "run", ...small, "--instances", ...more]);

const configOf = async (run: string) => JSON.parse(await readFile(`${run}/config.json`, "utf8"));

test("cells have a weight for their gaps by themselves, one that is typed or of a preset comes first", async () => {
  await inFolder(async () => {
    await writeData();
    assert.is((await train()).code, 0);
    const { config, task, model } = await configOf("run");
    assert.equal([config.w0, task, model.classes], [INSTANCE_W0, { objects: { kind: "gap" } }, 2]);
    await train("-o", "typed", "--w0", "3");
    assert.is((await configOf("typed")).config.w0, 3);
    await train("-o", "none", "--w0", "0");
    assert.is((await configOf("none")).config.w0, 0);
    await train("-o", "paper", "--preset", "paper");
    assert.is((await configOf("paper")).config.w0, 10);
    // A run that started without it continues without it.
    const before = { ...(await configOf("run")), format: 2 };
    delete before.task;
    before.config.w0 = 0;
    await writeFile("run/config.json", JSON.stringify(before));
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    const kept = await configOf("run");
    assert.equal([kept.config.w0, kept.task], [0, undefined]);
  });
});

test("a border class is a third class with a name, kept on resuming, and needs no weight", async () => {
  await inFolder(async () => {
    await writeData();
    const { code, stdout, stderr } = await train("--objects", "border", "--best", "ap50");
    assert.is(code, 0, stderr);
    assert.match(stdout, /class 2 where one of the eight pixels around/);
    const { config, task, model, labels } = await configOf("run");
    assert.equal([config.w0, model.classes, labels.objects], [0, 3, "border"]);
    assert.equal(task, {
      classNames: ["background", "cell", "border"],
      objects: { kind: "border" },
    });
    const again = await runCli(["train", "--resume", "run", "--steps", "4"]);
    assert.is(again.code, 0, again.stderr);
    assert.equal((await configOf("run")).task, task);
    const other = await runCli(["train", "--resume", "run", "--steps", "6", "--objects", "gap"]);
    assert.match(other.stderr, /--objects gap: the resumed run has border/);
    const compared = await runCli(
      ["compare", "data", "--models", "unet", "-o", "c", ...small, "--instances"].concat(
        "--objects",
        "border",
      ),
    );
    assert.is(compared.code, 0, compared.stderr);
    assert.match(compared.stdout, /AP50 +\d\.\d{4}\n/);
    assert.match(compared.stdout, /AP50: average precision/);
    const { results } = JSON.parse(await readFile("c/compare.json", "utf8"));
    assert.is(results.unet.all.cells.labelled, 3);
  });
});

test("what does not go together is refused in a sentence", async () => {
  await inFolder(async () => {
    await writeData();
    const refused = async (...args: string[]) => (await runCli(["train", ...args])).stderr;
    const plain = ["data", "-o", "run", ...small];
    assert.match(await refused(...plain, "--best", "ap50"), /--best ap50: .*--instances/);
    assert.match(await refused("--objects", "gap"), /--objects gap: .*--sample nuclei/);
    assert.match(await refused(...plain, "--sample", "nuclei"), /--sample nuclei: .*only one/);
    assert.match(
      await refused(...plain, "--instances", "--classes", "3"),
      /--instances: makes 2 classes, cell and background, got 3/,
    );
  });
});

test("the nuclei are a sample of the command line", async () => {
  await inFolder(async () => {
    const options = ["--steps", "2", "--validate-every", "2", "--tile", "60", "--depth", "2"];
    const made = await runCli(["train", "--sample", "nuclei", "-o", "run", ...options]);
    assert.is(made.code, 0, made.stderr);
    const { data, config, task } = await configOf("run");
    assert.equal([data, config.w0, config.best], ["nuclei", INSTANCE_W0, "ap50"]);
    assert.equal(task, { objects: { kind: "gap" } });
    assert.is((await readdir("run/samples/label")).length, 8);
    assert.match(made.stdout, /predict .* --objects\n/);
  });
});

async function writeCheckpoint(objects?: ObjectTask): Promise<void> {
  const bytes = encodeSafetensors({
    tensors: new Map([["head.bias", { shape: [2], data: new Float32Array(2) }]]),
    metadata: {
      model: { architecture: "unet", base: 2, depth: 2, channels: 1, classes: 2, dropout: 0 },
      normalisation: { kind: "image" },
      ...(objects ? { task: { objects } } : {}),
    },
  });
  await writeFile("c.safetensors", bytes);
}

const predict = (...more: string[]) =>
  runCli(["predict", "--checkpoint", "c.safetensors", "--input", "data/images"].concat(more));

test("predict --objects separates touching cells, by the checkpoint's setting or an option", async () => {
  await inFolder(async () => {
    await writeData();
    await writeCheckpoint();
    const counted = async (...more: string[]) => {
      const { code, stdout, stderr } = await predict("-o", "out", "--objects", "--json", ...more);
      assert.is(code, 0, stderr);
      const [{ objectCount, separation }] = JSON.parse(stdout).images;
      return [objectCount, separation];
    };
    assert.equal(await counted(), [3, 1]);
    assert.equal(await counted("--separation", "6"), [2, 6]);
    assert.equal(await counted("--smallest", "2000"), [0, 1]);
    await writeCheckpoint({ kind: "gap", separation: 6 });
    assert.equal(await counted(), [2, 6]);
    assert.equal(await counted("--separation", "1"), [3, 1]);
    const read = createReader({});
    const labels = await read({ image: "out/a-objects.tif" });
    assert.equal([labels.width, labels.maximum], [SIDE, 65535]);
    assert.equal(
      [labels.data[10 * SIDE + 10], labels.data[10 * SIDE + 23], labels.data[30 * SIDE + 25]],
      [1, 2, 3],
    );
    const picture = decodePng(await readFile("out/a-objects-colours.png"), "picture");
    assert.equal([picture.width, picture.channels], [SIDE, 3]);
    const wrong = await predict("-o", "out", "--objects", "--separation", "-1");
    assert.match(wrong.stderr, /--separation: got -1, expected a number from 0/);
    const above = await predict("-o", "out", "--objects", "--cell-threshold", "1");
    assert.match(above.stderr, /--cell-threshold: got 1, expected a number from 0 and below 1/);
  });
});

test("predict --objects takes its own threshold, else that of the checkpoint, else that of the mask", async () => {
  await inFolder(async () => {
    await writeData();
    const used = async (...more: string[]) => {
      const { code, stdout, stderr } = await predict("-o", "out", "--objects", "--json", ...more);
      assert.is(code, 0, stderr);
      const [{ objectCount, cellThreshold }] = JSON.parse(stdout).images;
      return [objectCount, cellThreshold];
    };
    await writeCheckpoint({ kind: "gap" });
    assert.equal(await used(), [3, 0.5]);
    assert.equal(await used("--threshold", "0.2"), [3, 0.2]);
    // The fake network gives the image, whose cells are 250 of 255.
    await writeCheckpoint({ kind: "gap", threshold: 0.99 });
    assert.equal(await used("--threshold", "0.2"), [0, 0.99]);
    assert.equal(await used("--threshold", "0.2", "--cell-threshold", "0.6"), [3, 0.6]);
  });
});

test("predict --measure writes a table with a row per cell, of the image's own numbers", async () => {
  await inFolder(async () => {
    await writeData();
    await writeCheckpoint();
    const { code, stderr } = await predict("-o", "out", "--measure");
    assert.is(code, 0, stderr);
    const [head, ...rows] = (await readFile("out/a-objects.csv", "utf8")).trimEnd().split("\n");
    assert.is(rows.length, 3);
    const mean = head.split(",").indexOf("mean_c1");
    for (const row of rows)
      assert.equal([row.split(",")[0], row.split(",")[mean]], ["a.png", "250"]);
  });
});

test("predict --rois and --geojson write what measure writes of the same cells, and are no predictions", async () => {
  await inFolder(async () => {
    await writeData();
    await writeCheckpoint();
    const all = ["--objects", "--measure", "--rois", "--geojson", "--json"];
    const { code, stdout, stderr } = await predict("-o", "out", ...all);
    assert.is(code, 0, stderr);
    const [{ rois, geojson, objectCount }] = JSON.parse(stdout).images;
    assert.equal([rois, geojson, objectCount], ["out/a-rois.zip", "out/a.geojson", 3]);
    const again = ["out/a-objects.tif", "--images", "data/images/a.png", "--rois", "--geojson"];
    const measured = await runCli(["measure", ...again, "-o", "m"]);
    assert.is(measured.code, 0, measured.stderr);
    assert.equal(await readFile("m/a-objects-rois.zip"), await readFile(rois));
    assert.equal(await readFile("m/a-objects.geojson", "utf8"), await readFile(geojson, "utf8"));
    const table = (await readFile("out/a-objects.csv", "utf8")).replaceAll("a.png", "?");
    for (const file of [rois, geojson]) {
      const { stdout: read } = await runCli(["measure", file, "--images", "data/images/a.png"]);
      assert.is(read.replaceAll(/a(-rois)?\.(zip|geojson)/g, "?"), table);
    }
    const judged = await runCli(["evaluate", "--prediction", "out", "--labels", "data/labels"]);
    assert.is(judged.code, 0, judged.stderr);
    assert.not.match(judged.stdout + judged.stderr, "left out");
    // No cell is no reason to fail: the files say that there is none.
    const none = await predict("-o", "none", "--rois", "--geojson", "--smallest", "2000");
    assert.is(none.code, 0, none.stderr);
    assert.equal(JSON.parse(await readFile("none/a.geojson", "utf8")).features, []);
  });
});

test("evaluate judges cells by the numbers of predict --objects, else by what hangs together", async () => {
  await inFolder(async () => {
    await writeData();
    await writeCheckpoint();
    const judged = async (...options: string[]) => {
      assert.is((await predict("-o", "out", ...options)).code, 0);
      const { code, stdout, stderr } = await runCli(
        ["evaluate", "--prediction", "out", "--labels", "data/labels", "--json"].concat(
          "--instances",
        ),
      );
      assert.is(code, 0, stderr);
      return JSON.parse(stdout).all.cells;
    };
    const plain = await judged();
    // Of each image: one of two is found by the three that touch as two.
    assert.equal([plain.labelled, plain.predicted, plain.countError], [6, 4, -1 / 3]);
    const apart = await judged("--objects");
    assert.equal([apart.labelled, apart.predicted, apart.ap50], [6, 6, 1]);
    assert.ok(apart.panopticQuality > 0.95 && apart.aggregatedJaccard > 0.95);
    const { stdout } = await runCli(["evaluate", "--prediction", "out", "--labels", "data/labels"]);
    assert.match(stdout, /AP50 +AP50-95 +PQ +SEG +DET +AJI +count error/);
  });
});

test("evaluate takes outlines as labels, and as predictions, of the cells of other programs", async () => {
  await inFolder(async () => {
    await writeData();
    await writeCheckpoint();
    assert.is((await predict("-o", "out", "--objects")).code, 0);
    const outlines = ["--rois", "--geojson", "-o", "outlines"];
    assert.is((await runCli(["measure", "data/labels", ...outlines])).code, 0);
    await mkdir("rois");
    await mkdir("mixed");
    for (const name of ["a", "b"]) {
      await rename(`outlines/${name}-rois.zip`, `rois/${name}_RoiSet.zip`);
    }
    await copyFile("rois/a_RoiSet.zip", "mixed/a.zip");
    await rename("outlines/b.geojson", "mixed/b.geojson");
    const judged = async (prediction: string, labels: string) => {
      const paths = ["--prediction", prediction, "--labels", labels];
      const { code, stdout, stderr } = await runCli(["evaluate", ...paths, "--json"]);
      assert.is(code, 0, stderr);
      return JSON.parse(stdout).all;
    };
    const expected = await judged("out", "data/labels");
    assert.equal([expected.cells.labelled, expected.cells.ap50], [6, 1]);
    for (const labels of ["rois", "mixed"]) assert.equal(await judged("out", labels), expected);
    const perfect = await judged("rois", "data/labels");
    assert.equal([perfect.cells.labelled, perfect.cells.ap, perfect.wrongPixels], [6, 1, 0]);
    // Outlines have no size: one side has to.
    const none = await runCli(["evaluate", "--prediction", "rois", "--labels", "mixed"]);
    assert.is(none.code, 1);
    assert.match(none.stderr, /outlines have no size of their own, expected the image/);
  });
});

test("the TIFF of objects has the size of a pixel in the tags that every reader knows", () => {
  const image = { width: 1, height: 1, channels: 1, maximum: 255, data: Uint8Array.of(1) };
  const bytes = encodeTiff({ ...image, pixelSize: { x: 0.325, y: 0.65 } });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const tags = new Map<number, number>();
  for (let at = 10; at < 10 + 12 * view.getUint16(8, true); at += 12) {
    const [kind, value] = [view.getUint16(at + 2, true), view.getUint32(at + 8, true)];
    const isRatio = kind === 5;
    const ratio = () => view.getUint32(value, true) / view.getUint32(value + 4, true);
    tags.set(view.getUint16(at, true), isRatio ? ratio() : kind === 3 ? value & 65535 : value);
    assert.is(view.getUint32(at + 4, true), 1);
  }
  assert.is(tags.get(296), 3, "pixels a centimetre");
  assert.ok(Math.abs(1e4 / (tags.get(282) as number) - 0.325) < 1e-6);
  assert.ok(Math.abs(1e4 / (tags.get(283) as number) - 0.65) < 1e-6);
  assert.not(new DataView(encodeTiff(image).buffer).getUint16(8, true) >= view.getUint16(8, true));
});

test.run();
