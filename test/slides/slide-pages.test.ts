import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { contextFor } from "../../src/cli/train/region-context.js";
import { resolveRun } from "../../src/cli/train/resolve-run.js";
import { loadFolders } from "../../src/cli/train/train-data.js";
import { AUGMENTATIONS } from "../../src/data/augmentation-config.js";
import type { Sample } from "../../src/data/image-types.js";
import { imageSize, readSample } from "../../src/data/survey.js";
import { createSampler } from "../../src/data/tiles.js";
import { encodeTiff } from "../../src/formats/tiff/write-tiff.js";
import { findPairs } from "../../src/node/find-pairs.js";
import { folderStore } from "../../src/node/folder-store.js";
import { createReader, findImages } from "../../src/node/image-files.js";
import { encodePalettePng } from "../../src/node/png-files.js";
import { regionsOf } from "../../src/node/region-pages.js";
import { loadSamples, openSamples } from "../../src/node/samples.js";
import { openSlidePages } from "../../src/node/slide-pages.js";
import { rejectionOf } from "../errors.js";
import { noise, writeZarr, type ZarrImage } from "./zarr-image.js";

const test = suite<{ folder: string }>("slides as training images");
test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "micrograph-slides-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

/** Two regions, next to each other. */
const [WIDTH, HEIGHT] = [1601, 40];
const classAt = (y: number, x: number) => Number((x >> 3) % 2 === (y >> 3) % 2);

const write = (path: string, changes: Partial<ZarrImage> = {}) =>
  writeZarr(folderStore(path), {
    version: "0.4",
    axes: "yx",
    shape: [HEIGHT, WIDTH],
    chunks: [32, 256],
    type: "uint16",
    value: noise,
    ...changes,
  });

const writeLabel = (path: string, changes: Partial<ZarrImage> = {}) =>
  write(path, { type: "uint8", value: ([y, x]) => classAt(y, x), ...changes });

test("the regions of an image cover each pixel once, and none is a narrow rest", () => {
  for (const [width, height] of [
    [1, 1],
    [1023, 1025],
    [1535, 1536],
    [2049, 8200],
    [100_000, 700],
  ]) {
    const regions = regionsOf(width, height);
    const pixels = regions.reduce((sum, region) => sum + region.width * region.height, 0);
    assert.is(pixels, width * height);
    const [widths, heights] = [regions.map((one) => one.width), regions.map((one) => one.height)];
    for (const [sides, size] of [[widths, width] as const, [heights, height] as const]) {
      const [least, most] = [Math.min(...sides), Math.max(...sides)];
      assert.ok(most - least <= 1 && most <= 1536, `${size}: ${least} to ${most}`);
      assert.ok(least >= Math.min(size, 682), `${size}: ${least}`);
    }
    let next = { x: 0, y: 0 };
    for (const { x, y, width: own, height: rows } of regions) {
      assert.equal({ x, y }, next);
      next = x + own === width ? { x: 0, y: y + rows } : { x: x + own, y };
    }
  }
});

test("a page is a region of a plane, with all channels: regions, then slices, then times", async ({
  folder,
}) => {
  const path = join(folder, "a.ome.zarr");
  const shape = [2, 3, 2, HEIGHT, WIDTH];
  await write(path, { axes: "tczyx", shape, chunks: [1, 1, 1, 32, 512], pixelSize: 0.5 });
  const { pageCount, page } = await openSlidePages(path);
  assert.is(pageCount, 2 * 2 * 2);
  const regions = regionsOf(WIDTH, HEIGHT);
  for (const index of [0, 3, 6]) {
    const { width, height, channels, maximum, data, pixelSize, core } = await page(index);
    const region = regions[index % 2];
    // 96 pixels of the neighbour are around it.
    assert.equal([width, height, channels, maximum], [region.x ? 897 : 896, HEIGHT, 3, 65535]);
    assert.equal(core, { x: region.x ? 96 : 0, y: 0, width: region.width, height: HEIGHT });
    const [x, y] = [region.x && region.x - 96, 0];
    assert.equal(pixelSize, { x: 0.5, y: 0.5 });
    const at = (c: number, row: number, column: number) =>
      data[(c * height + row) * width + column];
    const [t, z] = [index >> 2, (index >> 1) & 1];
    assert.is(at(2, 39, 5), noise([t, 2, z, y + 39, x + 5]));
    assert.is(at(0, 0, width - 1), noise([t, 0, z, y, x + width - 1]));
  }
  const error = await rejectionOf(page(8));
  assert.match(error, /a\.ome\.zarr, page 8: it has 8 pages, counted from 0/);
});

test("an image and the label in its store are pairs of regions, the same from memory and from files", async ({
  folder,
}) => {
  const images = join(folder, "a.ome.zarr");
  const labels = join(images, "labels", "cells");
  await write(images);
  await writeLabel(labels);
  const { pairs, warnings } = await findPairs({ images, labels });
  assert.equal(warnings, []);
  assert.equal(
    pairs.map(({ name, imagePage, labelPage }) => [name, imagePage, labelPage]),
    [
      ["a-0", 0, 0],
      ["a-1", 1, 1],
    ],
  );
  const loaded = await loadSamples(pairs);
  const opened = await openSamples(pairs, { memory: 0 });
  assert.equal(opened.digests, loaded.digests);
  for (const [i, sample] of loaded.samples.entries()) {
    const other = opened.samples[i];
    assert.ok("read" in other);
    const { image, label } = await readSample(other);
    assert.equal(image, sample.image);
    assert.equal(label.data, sample.label.data);
    const { x } = regionsOf(WIDTH, HEIGHT)[i];
    const left = x && x - 96;
    assert.is(label.data[9 * label.width + 130], classAt(9, left + 130));
    assert.is(image.data[9 * image.width + 30], noise([9, left + 30]));
  }
});

test("each pixel counts in one region, and tiles see the real neighbours of their region", async ({
  folder,
}) => {
  const images = join(folder, "a.ome.zarr");
  const labels = join(images, "labels", "cells");
  await write(images, { value: ([, x]) => 30 * x });
  await writeLabel(labels);
  const { samples } = await loadSamples((await findPairs({ images, labels })).pairs);
  const regions = regionsOf(WIDTH, HEIGHT);
  const counted = samples.map((sample) => ("label" in sample ? sample.label.data : []));
  const pixels = counted.map((data) => data.filter((index) => index !== 255).length);
  assert.equal(
    pixels,
    regions.map(({ width, height }) => width * height),
  );
  const [input, output] = [60, 20];
  const weights = { classWeights: "equal", w0: 0, sigma: 5 } as const;
  const how = { input, output, augmentation: AUGMENTATIONS.none, seed: 3, ...weights };
  for (const [index, sample] of samples.entries()) {
    const sampler = createSampler({ samples: [sample as Sample], ...how });
    for (let step = 0; step < 200; step++) {
      const { weight, image } = sampler.batch(step, 1);
      assert.ok(weight.every((value) => value > 0));
      // Values rise from left to right, except where a tile is mirrored. The regions meet at the right of the first.
      const [before, after] = index === 0 ? [input - 2, input - 1] : [0, 1];
      assert.ok(image[after] > image[before], `region ${index}, step ${step}`);
    }
  }
});

test("a folder of stores pairs by their names, next to other files", async ({ folder }) => {
  for (const name of ["a", "b"]) {
    await write(join(folder, "images", `${name}.ome.zarr`), { version: "0.5" });
    await writeLabel(join(folder, "labels", `${name}.zarr`));
  }
  const { pairs } = await findPairs({ folder });
  assert.equal(
    pairs.map(({ name }) => name),
    ["a-0", "a-1", "b-0", "b-1"],
  );
  const { samples } = await loadSamples(pairs);
  assert.is(samples.length, 4);
});

test("TIFF and PNG files are cut into the regions of a store, by ranges or decoded", async ({
  folder,
}) => {
  const [store, tiff, png] = ["a.ome.zarr", "a.tif", "a.png"].map((name) => join(folder, name));
  await write(store, { value: ([y, x]) => noise([y, x]) & 3, type: "uint8" });
  const size = { width: WIDTH, height: HEIGHT };
  const data = Uint8Array.from(
    { length: WIDTH * HEIGHT },
    (_, i) => noise([Math.floor(i / WIDTH), i % WIDTH]) & 3,
  );
  await writeFile(tiff, encodeTiff({ ...size, channels: 1, maximum: 255, data }));
  const palette = [0, 80, 160, 240].map((grey) => [grey, 0, grey] as const);
  await writeFile(png, encodePalettePng({ ...size, indices: data, palette }));
  const context = 200;
  const read = createReader({ regions: WIDTH * HEIGHT - 1, context });
  const { pageCount, page } = await openSlidePages(store, { context });
  for (const file of [tiff, png]) {
    assert.is((await findImages(file, { regions: 0 })).length, pageCount);
    assert.is((await findImages(file)).length, 1);
  }
  for (let index = 0; index < pageCount; index++) {
    const expected = await page(index);
    assert.is(expected.width, regionsOf(WIDTH, HEIGHT)[index].width + context);
    const fromTiff = await read({ image: tiff, page: index });
    assert.equal([fromTiff.data, fromTiff.core], [expected.data, expected.core]);
    const fromPng = await read({ image: png, page: index });
    assert.equal([fromPng.indices, fromPng.core], [expected.data, expected.core]);
  }
  const whole = createReader({ regions: WIDTH * HEIGHT });
  assert.is((await whole({ image: tiff })).width, WIDTH);
});

test("a deep network sees more around a region, and the run's settings say how much", async ({
  folder,
}) => {
  const [images, labels] = [join(folder, "a.tif"), join(folder, "a_mask.tif")];
  const size = { width: WIDTH, height: HEIGHT, channels: 1, maximum: 255 };
  const data = Uint8Array.from(
    { length: WIDTH * HEIGHT },
    (_, i) => 255 * classAt(Math.floor(i / WIDTH), i % WIDTH),
  );
  for (const file of [images, labels]) await writeFile(file, encodeTiff({ ...size, data }));
  const run = (depth: number) => resolveRun({ depth, base: 2 }, "data");
  assert.is(contextFor([run(4)]), undefined);
  const margin = contextFor([run(5)]);
  assert.is(margin, 188);
  const options = { images, labels, pages: "regions" } as const;
  const found = await loadFolders(undefined, options, { classes: 2 }, margin);
  assert.is(found.context, margin);
  assert.equal(
    [...found.training, ...found.validation].map((sample) => imageSize(sample).width),
    [800 + 188, 801 + 188],
  );
  const one = loadFolders(undefined, { images, labels }, { classes: 2 });
  assert.match(await rejectionOf(one), /a\.tif: it is the only image.* --pages regions/);
});

test("addresses and zipped stores are refused for training, with what to do", async ({
  folder,
}) => {
  const labels = join(folder, "labels.zarr");
  await writeLabel(labels);
  const address = rejectionOf(findPairs({ images: "https://example.org/a.ome.zarr", labels }));
  assert.match(await address, "https://example.org/a.ome.zarr: training reads files");
  const images = join(folder, "a.zip");
  await writeFile(images, "");
  assert.match(await rejectionOf(findPairs({ images, labels })), /a\.zip: .* unzip it first/);
});

test("a label of another size is refused, with both names", async ({ folder }) => {
  const [images, labels] = [join(folder, "a.ome.zarr"), join(folder, "labels.zarr")];
  await write(images);
  await writeLabel(labels, { shape: [HEIGHT, WIDTH - 9] });
  const { pairs } = await findPairs({ images, labels });
  assert.is((await findImages(images)).length, 2);
  const error = await rejectionOf(loadSamples(pairs));
  assert.match(error, /a\.ome\.zarr is 896x40 but .*labels\.zarr is 892x40, expected equal sizes/);
});

test.run();
