import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { encodeTiff } from "../../src/formats/tiff/write-tiff.js";
import { encodePng } from "../../src/node/png-files.js";
import { geoJsonOf, roiSetOf } from "../../src/objects/outline-files.js";
import { drawnLabels } from "../objects/scenes.js";
import { inFolder, runCli } from "./run.js";

/** Touching cells, a ring, a cell of two parts. */
const LABELS = drawnLabels("1122.333 1122.3.3 .....333 4.......  ..4.....");
const { width, height, data, count } = LABELS;
const size = { width, height, channels: 1 } as const;

const png = (numbers: ArrayLike<number> = data, bitDepth: 8 | 16 = 8) =>
  encodePng({ ...size, bitDepth, data: numbers });
/** Brightness 10 times the number, in the second channel 1. */
const image = encodeTiff({
  ...size,
  channels: 2,
  maximum: 65535,
  data: Uint16Array.from([...data.map((number) => 10 * number), ...data.map(() => 1)]),
  pixelSize: { x: 0.5, y: 0.5 },
});

async function prepare(): Promise<void> {
  for (const folder of ["set", "set/images", "set/labels"]) await mkdir(folder);
  await writeFile("set/images/a.tif", image);
  await writeFile("set/labels/a.png", png());
}

const measure = (...args: string[]) => runCli(["measure", ...args]);

function tableOf(text: string): Record<string, string>[] {
  const [head, ...rows] = text.trimEnd().split("\n");
  return rows.map((row) => {
    const cells = row.split(",");
    return Object.fromEntries(head.split(",").map((name, i) => [name, cells[i]]));
  });
}
const column = (rows: readonly Record<string, string>[], name: string) =>
  rows.map((row) => row[name]);

test("a folder of labels gives a table on standard output, and nothing else", async () => {
  await inFolder(async () => {
    await prepare();
    const { code, stdout, stderr } = await measure("set/labels");
    assert.is(code, 0, stderr);
    const rows = tableOf(stdout);
    assert.equal(column(rows, "file"), ["a.png", "a.png", "a.png", "a.png"]);
    assert.equal(column(rows, "label"), ["1", "2", "3", "4"]);
    assert.equal(column(rows, "area_px2"), ["4", "4", "8", "2"]);
    assert.equal(column(rows, "neighbours"), ["1", "1", "0", "0"]);
    assert.not.ok("area_um2" in rows[0]);
    assert.not.ok("mean_c1" in rows[0]);
    assert.match(stderr, "4 objects in 1 image measured");
  });
});

test("images next to labels give the brightness in each channel and the pixel size", async () => {
  await inFolder(async () => {
    await prepare();
    for (const args of [["set"], ["set/labels", "--images", "set/images"]]) {
      const { code, stdout, stderr } = await measure(...args);
      assert.is(code, 0, stderr);
      const rows = tableOf(stdout);
      assert.equal(column(rows, "mean_c1"), ["10", "20", "30", "40"]);
      assert.equal(column(rows, "sum_c2"), ["4", "4", "8", "2"]);
      assert.equal(column(rows, "area_um2"), ["1", "1", "2", "0.5"]);
    }
  });
});

test("--pixel-size overrides the files, and width and height may differ", async () => {
  await inFolder(async () => {
    await prepare();
    const one = tableOf((await measure("set", "--pixel-size", "2")).stdout);
    assert.equal(column(one, "area_um2"), ["16", "16", "32", "8"]);
    const two = tableOf((await measure("set/labels", "--pixel-size", "0.5,0.25")).stdout);
    assert.is(two[0].area_um2, "0.5");
    assert.equal([two[0].pixel_width_um, two[0].pixel_height_um], ["0.5", "0.25"]);
    for (const text of ["0", "-1", "a", "1,2,3", "", "0.5,"]) {
      const { code, stderr } = await measure("set", "--pixel-size", text);
      assert.is(code, 2, text);
      assert.match(stderr, "expected micrometres above 0");
    }
  });
});

test("a folder gets the table, outlines and label images, which read back as the same objects", async () => {
  await inFolder(async () => {
    await prepare();
    const all = ["--rois", "--geojson", "--label-images", "-o", "out"];
    const { code, stdout, stderr } = await measure("set", ...all);
    assert.is(code, 0, stderr);
    assert.match(stdout, "4 objects in 1 image measured: the table is in out");
    assert.equal((await readdir("out")).sort(), [
      "a-objects.tif",
      "a-rois.zip",
      "a.geojson",
      "objects.csv",
    ]);
    const table = await readFile("out/objects.csv", "utf8");
    for (const file of ["a-objects.tif", "a-rois.zip", "a.geojson"]) {
      const again = await measure(`out/${file}`, "--images", "set/images/a.tif");
      assert.is(again.code, 0, again.stderr);
      assert.is(again.stdout.replaceAll(file, "a.png"), table, file);
    }
    const { features } = JSON.parse(await readFile("out/a.geojson", "utf8"));
    assert.is(features[2].properties.measurements.mean_c1, 30);
  });
});

test("numbers with gaps and of 32 bits are kept; the pieces of masks are counted, and a remark says so", async () => {
  await inFolder(async () => {
    await writeFile(
      "gaps.png",
      png(
        data.map((number) => 100 * number),
        16,
      ),
    );
    await writeFile("mask.png", png(data.map((number) => 255 * Number(number > 0))));
    const wide = Uint32Array.from(data, (number) => (number === 0 ? 0 : 4000000000 + number));
    await writeFile("wide.tif", encodeTiff({ ...size, maximum: 2 ** 32 - 1, data: wide }));
    const rows = tableOf((await measure("gaps.png", "wide.tif")).stdout);
    assert.equal(column(rows, "label").slice(0, 5), ["100", "200", "300", "400", "4000000001"]);
    const { stdout, stderr } = await measure("mask.png");
    assert.equal(column(tableOf(stdout), "area_px2"), ["8", "8", "1", "1"]);
    assert.match(stderr, "mask.png: it is a mask of one value: each connected piece is an object");
  });
});

test("JSON has the table's columns, and null for undefined values", async () => {
  await inFolder(async () => {
    await mkdir("labels");
    await writeFile("labels/a.png", png(data.map((number) => Number(number === 4))));
    const { code, stdout } = await measure("labels", "--json", "--csv", "new.csv");
    assert.is(code, 0);
    const { images, csv, failed } = JSON.parse(stdout);
    assert.equal([csv, failed], ["new.csv", []]);
    assert.equal([images[0].file, images[0].width, images[0].objects.length], ["a.png", 8, 2]);
    assert.equal(images[0].objects[0].area_px2, 1);
    assert.is(images[0].objects[0].roundness, null);
    assert.is(tableOf(await readFile("new.csv", "utf8")).length, 2);
  });
});

test("ROI sets and GeoJSON next to their images are measured in them", async () => {
  await inFolder(async () => {
    for (const folder of ["images", "labels"]) await mkdir(folder);
    for (const name of ["a", "b"]) await writeFile(`images/${name}.tif`, image);
    await writeFile("labels/a_RoiSet.zip", roiSetOf(LABELS));
    await writeFile("labels/b.geojson", geoJsonOf(LABELS));
    const { code, stdout, stderr } = await measure("labels", "--images", "images");
    assert.is(code, 0, stderr);
    const rows = tableOf(stdout);
    assert.is(rows.length, 2 * count);
    assert.equal(column(rows, "mean_c1"), ["10", "20", "30", "40", "10", "20", "30", "40"]);
    const withoutImages = await measure("labels");
    assert.is(withoutImages.code, 1);
    assert.match(
      withoutImages.stderr,
      "outlines have no size of their own, expected the image that they",
    );
  });
});

test("a file that cannot be read is skipped, and the exit code is 1", async () => {
  await inFolder(async () => {
    await mkdir("labels");
    await writeFile("labels/a.png", png());
    await writeFile("labels/b.png", "no image");
    const { code, stdout, stderr } = await measure("labels");
    assert.is(code, 1);
    assert.is(tableOf(stdout).length, count);
    assert.match(stderr, /labels.b\.png: it is a text/);
  });
});

test("wrong usage is 2, wrong input 1, and nothing is overwritten", async () => {
  await inFolder(async () => {
    await prepare();
    assert.is((await measure()).code, 2);
    const rois = await measure("set", "--rois");
    assert.is(rois.code, 2);
    assert.match(rois.stderr, "--rois writes a file for each label: name a folder for them by -o");
    const missing = await measure("nowhere");
    assert.is(missing.code, 1);
    assert.match(missing.stderr, "nowhere: no such file or folder");
    const over = await measure("set/labels", "--csv", "set/labels/a.png");
    assert.is(over.code, 1);
    assert.match(over.stderr, "it would overwrite an input");
    assert.equal(await readFile("set/labels/a.png"), Buffer.from(png()));
    await writeFile(
      "set/labels/a.tif",
      encodeTiff({ ...size, maximum: 255, data: Uint8Array.from(data) }),
    );
    const twice = await measure("set/labels", "--rois", "-o", "out");
    assert.match(twice.stderr, "a.png and a.tif would both be written as");
  });
});

test("labels that differ in size from their image are refused by name", async () => {
  await inFolder(async () => {
    await prepare();
    const small = encodePng({ width: 2, height: 1, channels: 1, bitDepth: 8, data: [1, 2] });
    await writeFile("set/labels/a.png", small);
    const { code, stderr } = await measure("set");
    assert.is(code, 1);
    assert.match(stderr, /a\.tif is 8x5 but .*a\.png is 2x1, expected equal sizes/);
  });
});

test.run();
