// Predictions of slides are judged and measured as those of images are.

import { mkdir, rename, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { cachedSource } from "../../src/data/chunk-source.js";
import { openZarrArray } from "../../src/formats/slide/zarr-slide.js";
import { encodeTiff } from "../../src/formats/tiff/write-tiff.js";
import { finishSlide } from "../../src/node/finish-slide.js";
import { folderStore } from "../../src/node/folder-store.js";
import { encodePng } from "../../src/node/png-files.js";
import { predictSlide } from "../../src/node/predict-slide.js";
import { openSlideAt } from "../../src/node/slide-file.js";
import { startJob } from "../../src/node/slide-job.js";
import { standIn } from "../slides/stand-in.js";
import { writeZarr } from "../slides/zarr-image.js";
import { inFolder, runCli } from "./run.js";

const [width, height, side] = [150, 120, 48];
const size = { width, height };
/** Discs, cut by the borders of chunks; `shift` moves them, so that the prediction is not perfect. */
const inDisc = (y: number, x: number, shift: number) =>
  (((x + shift) % 30) - 15) ** 2 + ((y % 30) - 15) ** 2 < 100 + ((x * 7 + y * 3) % 40);
const disc = (y: number, x: number) => 1 + Math.floor(y / 30) * 5 + Math.floor(x / 30);

async function prepare() {
  const image = { version: "0.4", axes: "yx", shape: [height, width], chunks: [40, 40] } as const;
  const value = ([y, x]: readonly number[]) => 60 + 120 * Number(inDisc(y, x, 2));
  await writeZarr(folderStore("a.ome.zarr"), { ...image, type: "uint8", value });
  const label = ([y, x]: readonly number[]) => Number(inDisc(y, x, 0));
  await writeZarr(folderStore("labels/a.ome.zarr"), { ...image, type: "uint8", value: label });
  const cell = (place: readonly number[]) => label(place) * disc(place[0], place[1]);
  await writeZarr(folderStore("cells.ome.zarr"), { ...image, type: "uint16", value: cell });
  const slide = await openSlideAt("a.ome.zarr");
  const job = await startJob("out", "a", {
    ...{
      input: "a.ome.zarr",
      width,
      height,
      level: 0,
      channels: [0],
      z: 0,
      t: 0,
      side,
      classes: 2,
    },
    ...{ network: "1", symmetries: 1, tile: null, threshold: 0.6, version: "0.4", pixelSize: null },
    ...{ classFields: { classes: 2 }, objects: null, normalisation: "image" },
  });
  const predictor = standIn({ tile: 60, side: 20, gridStep: 4 });
  await predictSlide({ job, chunks: await slide.chunks(), predictor });
  await finishSlide(job);
  const array = await openZarrArray(folderStore("out/a.ome.zarr"), "0", ["c", "y", "x"]);
  const data = await cachedSource(array).read({ x: 0, y: 0, width, height });
  const places = Array.from({ length: width * height }, (_, i) => [
    Math.floor(i / width),
    i % width,
  ]);
  await mkdir("png");
  await mkdir("png-labels");
  const plane = { ...size, channels: 1 } as const;
  await writeFile("png/a-probability.png", encodePng({ ...plane, bitDepth: 16, data }));
  const mask = Uint8Array.from(data, (value) => 255 * Number(value > 0.6 * 65535));
  await writeFile("png/a.png", encodePng({ ...plane, bitDepth: 8, data: mask }));
  await writeFile("png/classes.json", '{"classes": 2, "threshold": 0.6}');
  const png = encodePng({ ...plane, bitDepth: 8, data: Uint8Array.from(places, label) });
  await writeFile("png-labels/a.png", png);
  await writeFile(
    "mask.tif",
    encodeTiff({ ...plane, maximum: 255, data: Uint8Array.from(places, label) }),
  );
}

async function figures(...args: string[]) {
  const { code, stdout, stderr } = await runCli(["evaluate", ...args, "--json"]);
  assert.is(code, 0, stderr);
  return JSON.parse(stdout);
}

test("evaluate reads the probabilities of a slide: the figures are those of image files", async () => {
  await inFolder(async () => {
    await prepare();
    const expected = await figures("--prediction", "png", "--labels", "png-labels");
    assert.ok(expected.all, JSON.stringify(Object.keys(expected)));
    for (const [prediction, labels] of [
      ["out", "labels"],
      ["out/a.ome.zarr", "labels/a.ome.zarr"],
      ["out", "mask.tif"],
    ]) {
      const found = await figures("--prediction", prediction, "--labels", labels);
      assert.equal(found, expected, `${prediction}, ${labels}`);
    }
    const cells = await figures(
      ...["--prediction", "out", "--labels", "cells.ome.zarr", "--instances"],
    );
    assert.is(cells.all.wrongPixels, expected.all.wrongPixels);
    assert.ok(cells.all.cells, JSON.stringify(cells.all));
  });
});

test("measure takes the objects of a slide as a whole, and a store that is not complete is refused", async () => {
  await inFolder(async () => {
    await prepare();
    const none = await runCli(["measure", "out/a.ome.zarr"]);
    assert.match(none.stderr, "expected objects: run predict again with --objects, or merge out");
    assert.is((await runCli(["merge", "out"])).code, 0);
    const { code, stdout } = await runCli(["measure", "out/a.ome.zarr", "--json"]);
    assert.is(code, 0);
    const [image] = JSON.parse(stdout).images;
    assert.equal([image.objects.length, image.width, image.height], [20, width, height]);
    await rename("out/a.ome.zarr", "out/a.partial.ome.zarr");
    const early = await runCli(["evaluate", "--prediction", "out", "--labels", "labels"]);
    assert.is(early.code, 1);
    assert.match(early.stderr, "out/a.partial.ome.zarr: it is not complete: run predict again");
  });
});

test.run();
