import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Services } from "../../src/cli/services.js";
import type { Normalisation } from "../../src/data/normalise.js";
import { folderStore } from "../../src/node/folder-store.js";
import { openSlideAt } from "../../src/node/slide-file.js";
import { encodeSafetensors } from "../../src/train/checkpoint-file.js";
import { standIn } from "../slides/stand-in.js";
import { noise, writeZarr } from "../slides/zarr-image.js";
import { fakeServices } from "./fakes.js";
import { filesOf, inFolder, runCli } from "./run.js";

/** Runs `predict` of a slide of two channels with a network that is a threshold. */
function predict(...more: string[]) {
  const fake = fakeServices();
  const createPredictor = async () => standIn({ tile: 60, side: 20, gridStep: 4 });
  const services: Services = { ...fake.services, createPredictor };
  const args = ["predict", "--checkpoint", "c.safetensors", "--input", "s.ome.zarr", "-o", "out"];
  return runCli([...args, ...more], { ...fake, services });
}

async function prepare(
  version: "0.4" | "0.5" = "0.4",
  normalisation: Normalisation = { kind: "image" },
): Promise<void> {
  const image = { version, axes: "cyx", shape: [2, 90, 120], chunks: [1, 32, 32] } as const;
  const value = noise;
  const channelNames = ["DAPI", "actin"];
  const store = folderStore("s.ome.zarr");
  await writeZarr(store, {
    ...image,
    type: "uint16",
    value,
    levels: 2,
    channelNames,
    pixelSize: 2,
  });
  const model = {
    architecture: "unet" as const,
    ...{ base: 2, depth: 2, channels: 1, classes: 2, dropout: 0 },
  };
  const tensors = new Map([["head.bias", { shape: [2], data: new Float32Array(2) }]]);
  const metadata = { model, normalisation };
  await writeFile("c.safetensors", encodeSafetensors({ tensors, metadata }));
}

test("a slide becomes a store of its version, with the memory stated; again costs nothing", async () => {
  await inFolder(async () => {
    await prepare("0.5");
    const options = ["--channels", "1", "--chunk", "48", "--tiff", "--json"];
    const { code, stdout, stderr } = await predict(...options);
    assert.is(code, 0, stderr);
    assert.match(stderr, /120 x 90 pixels in 6 chunks of 48.* Memory, whatever the size: 256 MiB/);
    assert.equal(JSON.parse(stdout).predicted, 6);
    const slide = await openSlideAt("out/s.ome.zarr");
    assert.equal([slide.version, slide.levels.length], ["0.5", 3]);
    assert.equal(slide.pixelSize, { x: 2, y: 2 });
    assert.ok(existsSync("out/s-classes.tif"));
    const again = await predict(...options);
    assert.match(again.stderr, "out/s.ome.zarr: it is complete, nothing is left to do");
    const other = await predict("--channels", "0", "--chunk", "48");
    assert.is(other.code, 1);
    assert.match(
      other.stderr,
      /work on s with channels \[1\], now it is \[0\]: choose another --output/,
    );
  });
});

test("a slide is not normalised by percentiles: a mean and a deviation are asked for", async () => {
  await inFolder(async () => {
    const percentiles = {
      kind: "percentiles",
      low: 1,
      high: 99,
      epsilon: 1e-6,
      isJoint: true,
    } as const;
    await prepare("0.4", percentiles);
    const options = ["--channels", "1", "--chunk", "48"];
    const refused = await predict(...options);
    assert.is(refused.code, 1);
    assert.match(
      refused.stderr,
      /^micrograph: s\.ome\.zarr: .* percentiles, .* --mean and --deviation/,
    );
    assert.not.ok(existsSync("out"));
    const given = await predict(...options, "--mean", "0.5", "--deviation", "0.25");
    assert.is(given.code, 0, given.stderr);
  });
});

test("a small TIFF file is a slide where an option for slides asks for it", async () => {
  await inFolder(async () => {
    await prepare();
    await predict("--channels", "1", "--chunk", "48", "--tiff");
    const input = ["--input", "out/s-classes.tif", "-o", "tiff"];
    const { code, stderr } = await predict(...input, "--level", "1");
    assert.is(code, 0, stderr);
    const slide = await openSlideAt("tiff/s-classes.ome.zarr");
    assert.equal([slide.levels[0].width, slide.levels[0].height], [60, 45]);
  });
});

test("options for slides are refused for images, and outputs of images for slides", async () => {
  await inFolder(async () => {
    await prepare();
    await writeFile("a.png", "");
    const image = await predict("--input", "a.png", "--level", "1");
    assert.is(image.code, 1);
    assert.match(image.stderr, "--level: it is for slides, and a.png is none");
    const slide = await predict("--overlay");
    assert.is(slide.code, 1);
    assert.match(slide.stderr, "--overlay: it is written of images only");
    assert.not.ok(existsSync("out"));
  });
});

test("--objects finds and measures the objects in one command, as shards and merge do", async () => {
  await inFolder(async () => {
    await prepare();
    const options = ["--channels", "1", "--chunk", "48"];
    const how = ["--cell-threshold", "0.4", "--smallest", "2"];
    const one = await predict(...options, ...how, "--objects", "--json");
    assert.is(one.code, 0, one.stderr);
    const { objects, csv, store } = JSON.parse(one.stdout);
    assert.ok(objects > 9, `${objects} objects`);
    assert.equal([store, csv], ["out/s.ome.zarr", "out/s-objects.csv"]);
    const files = await filesOf("out/s.ome.zarr");
    const table = await readFile(csv, "utf8");
    assert.is(table.trimEnd().split("\n").length, objects + 1);

    for (const shard of ["1/2", "0/2"]) await predict(...options, "-o", "parts", "--shard", shard);
    assert.is((await runCli(["merge", "parts", ...how], fakeServices())).code, 0);
    assert.equal(await filesOf("parts/s.ome.zarr"), files);
    assert.is(await readFile("parts/s-objects.csv", "utf8"), table);

    const again = await predict(...options, ...how, "--objects");
    assert.match(again.stdout, "it is complete, nothing is left to do");
    // Other options, and a store that was completed without objects.
    const other = await predict(...options, "--smallest", "30", "--measure", "--json");
    assert.ok(JSON.parse(other.stdout).objects < objects);
    await predict(...options, "-o", "later");
    assert.not.ok(existsSync("later/s.ome.zarr/labels/objects"));
    assert.is((await predict(...options, ...how, "-o", "later", "--objects")).code, 0);
    assert.equal(await filesOf("later/s.ome.zarr"), files);
  });
});

test("the slides of a folder are predicted one after the other; one that is damaged is told", async () => {
  await inFolder(async () => {
    await prepare();
    await mkdir("all");
    for (const name of ["b10", "b9"])
      await cp("s.ome.zarr", `all/${name}.ome.zarr`, { recursive: true });
    await writeFile("all/notes.txt", "");
    const options = ["--channels", "1", "--chunk", "48", "--input", "all", "-o", "both"];
    for (const shard of ["0/2", "1/2"]) {
      assert.is((await predict(...options, "--shard", shard)).code, 0);
    }
    assert.is((await runCli(["merge", "both"], fakeServices())).code, 0);
    await predict("--channels", "1", "--chunk", "48", "--objects");
    const files = await filesOf("out/s.ome.zarr/labels/objects");
    for (const name of ["b9", "b10"]) {
      assert.equal(await filesOf(`both/${name}.ome.zarr/labels/objects`), files);
    }
    await writeFile("all/b9.ome.zarr/.zattrs", "{");
    const { code, stdout, stderr } = await predict(...options, "-o", "again", "--json");
    assert.is(code, 1);
    assert.match(stderr, "all/b9.ome.zarr: .zattrs: it is no JSON");
    const [first, second] = JSON.parse(stdout);
    assert.match(first.error, "it is no JSON");
    assert.equal([second.input, second.predicted], ["all/b10.ome.zarr", 6]);
    await cp("s.ome.zarr", "all/b10.zarr", { recursive: true });
    const same = await predict(...options, "-o", "third");
    assert.match(same.stderr, "would both be written as b10.ome.zarr");
    assert.not.ok(existsSync("third"));
  });
});

test("a level, given statistics and another version are taken", async () => {
  await inFolder(async () => {
    await prepare();
    const given = ["--channels", "0", "--level", "1", "--mean", "0.5", "--deviation", "0.1"];
    const { code, stderr } = await predict(...given, "--zarr", "0.5");
    assert.is(code, 0, stderr);
    const slide = await openSlideAt("out/s.ome.zarr");
    assert.equal([slide.version, slide.pixelSize], ["0.5", { x: 4, y: 4 }]);
    assert.equal(
      slide.levels.map(({ width, height }) => [width, height]),
      [[60, 45]],
    );
    assert.not.ok(existsSync("out/s.progress/statistics.json"));
  });
});

test("--statistics counts the values of the slide before shards start", async () => {
  await inFolder(async () => {
    await prepare();
    const { code } = await predict("--channels", "1", "--statistics");
    assert.is(code, 0);
    const { kind, mean } = JSON.parse(await readFile("out/s.progress/statistics.json", "utf8"));
    let sum = 0;
    for (let y = 0; y < 90; y++) for (let x = 0; x < 120; x++) sum += noise([1, y, x]) / 65535;
    // Values are rounded to 32 bits.
    assert.ok(kind === "statistics" && Math.abs(mean[0] - sum / 10800) < 1e-6);
    assert.not.ok(existsSync("out/s.partial.ome.zarr"));
  });
});

test("a refused prediction of a slide leaves nothing, so that another tile can be chosen", async () => {
  await inFolder(async () => {
    await prepare();
    const fake = fakeServices();
    const refused = standIn({ tile: 60, side: 20, gridStep: 4 });
    refused.tiles = () => Promise.reject(new Error("it needs more memory: use tile 44"));
    const services: Services = { ...fake.services, createPredictor: async () => refused };
    const args = ["predict", "--checkpoint", "c.safetensors", "--input", "s.ome.zarr"];
    const words = [...args, "-o", "some/out", "--channels", "1", "--chunk", "48", "--tile", "60"];
    const { code, stderr } = await runCli(words, { ...fake, services });
    assert.is(code, 1);
    assert.match(stderr, "it needs more memory: use tile 44");
    assert.not.ok(existsSync("some"));
    // What was there stays, without a trace of the attempt.
    await mkdir("some/out", { recursive: true });
    await runCli(words, { ...fake, services });
    assert.equal(await readdir("some/out"), []);
  });
});

test("wrong options are refused before anything is written", async () => {
  await inFolder(async () => {
    await prepare();
    const cases: [string[], RegExp][] = [
      [
        [],
        /2 of its channels are chosen.* expects 1: choose by --channels from 0 \(DAPI\), 1 \(actin\)/,
      ],
      [["--channels", "0", "--level", "2"], /there is no level 2, it has 2, counted from 0/],
      [["--channels", "0", "--chunk", "50"], /--chunk 50: expected a multiple of 16/],
      [["--channels", "0", "--mean", "1"], /--mean and --deviation: give both, or neither/],
      [["--channels", "0", "--tiff", "--shard", "0/2"], /--tiff: not with --shard/],
      [
        ["--channels", "0", "--objects", "--shard", "0/2"],
        /--objects: not with --shard: merge finds/,
      ],
      [["--channels", "0", "--input", "none.tif"], /none\.tif: no such file or folder/],
    ];
    for (const [options, message] of cases) {
      const { code, stderr } = await predict(...options);
      assert.is(code, 1);
      assert.match(stderr, message);
      assert.not.ok(existsSync("out"));
    }
    assert.is((await predict("--channels", "one")).code, 2);
  });
});

test.run();
