import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cachedSource } from "../../src/data/chunk-source.js";
import { openSlide } from "../../src/formats/slide/open-slide.js";
import { openZarrArray } from "../../src/formats/slide/zarr-slide.js";
import { predictedClasses } from "../../src/metrics/pixels.js";
import { initialValues, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { finishSlide } from "../../src/node/finish-slide.js";
import { folderStore } from "../../src/node/folder-store.js";
import { predictSlide } from "../../src/node/predict-slide.js";
import { openSlideAt } from "../../src/node/slide-file.js";
import { type SlidePlan, startJob } from "../../src/node/slide-job.js";
import { writeClassesTiff } from "../../src/node/slide-tiff.js";
import { createPredictor } from "../../src/predict/predict.js";
import { modelConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";
import { testDevice } from "../device.js";
import { rejectionOf } from "../errors.js";
import { predictStandIn } from "./digests.js";
import { memoryStore, noise, writeZarr } from "./zarr-image.js";

const [width, height] = [203, 150];
const config = modelConfig({ base: 2, depth: 2 });
const model = unet(config);

function checkpoint(): Checkpoint {
  const flat = initialValues(model.parameters, 3);
  const tensors = model.parameters.list.map((parameter) => {
    return [parameter.name, { shape: parameter.shape, data: slice(parameter, flat) }] as const;
  });
  return {
    tensors: new Map(tensors),
    metadata: { model: config, normalisation: { kind: "image" } },
  };
}

/** A slide of noise, of which a corner with many chunks is not stored. */
async function slideOf() {
  const store = memoryStore();
  await writeZarr(store, {
    version: "0.4",
    axes: "yx",
    shape: [height, width],
    chunks: [20, 20],
    type: "uint16",
    value: noise,
    isStored: ([row, column]) => row < 1 || column < 1,
  });
  return openSlide(store, "a.zarr");
}

const plan = (changes: Partial<SlidePlan> = {}): SlidePlan => ({
  input: "a.zarr",
  width,
  height,
  level: 0,
  channels: [0],
  z: 0,
  t: 0,
  side: 48,
  classes: 2,
  network: "0123",
  symmetries: 1,
  tile: null,
  threshold: 0.5,
  version: "0.4",
  pixelSize: { x: 0.5, y: 0.5 },
  classFields: { classes: 2 },
  objects: null,
  normalisation: "image",
  ...changes,
});

/** The files of a folder by path. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) files.set(name, (await readFile(path)).toString("base64"));
  }
  return files;
}

interface Way {
  readonly tile?: number;
  readonly cacheBytes?: number;
  readonly shards?: number;
  /** Chunks after which each process is stopped. */
  readonly stopAfter?: number;
}

/** Predicts the slide in some way; returns the files of the store, and of how many chunks. */
async function predicted(folder: string, way: Way, changes: Partial<SlidePlan> = {}) {
  const chunks = await (await slideOf()).chunks();
  const predictor = await createPredictor(await testDevice(), checkpoint(), { tile: way.tile });
  const job = await startJob(folder, "a", plan(changes));
  let runs = 0;
  const { shards = 1, stopAfter = Number.POSITIVE_INFINITY, cacheBytes } = way;
  for (let index = shards - 1; index >= 0; ) {
    const stop = new AbortController();
    let steps = 0;
    const onProgress = (step: string) => {
      if (step === "prediction" && ++steps === stopAfter) stop.abort();
    };
    const shard = { index, count: shards };
    const given = { job, chunks, predictor, shard, cacheBytes, signal: stop.signal, onProgress };
    runs++;
    try {
      await predictSlide(given);
      index--;
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  }
  // As a process that was killed while it wrote leaves it.
  await writeFile(join(job.partial, "0", ".zarray.77.tmp"), "{");
  await finishSlide(job);
  predictor.close();
  return { files: await filesOf(job.final), runs, job };
}

const test = suite<{ folder: string }>("predictSlide");

test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "micrograph-slide-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

test("the files are the same for any cache, shards and stops", async ({ folder }) => {
  const usual = await predicted(join(folder, "usual"), {});
  assert.ok(usual.files.size > 40);
  assert.not.ok([...usual.files.keys()].some((name) => name.endsWith(".tmp")));
  const ways: Way[] = [{ cacheBytes: 1 }, { shards: 7 }, { shards: 3, stopAfter: 2 }];
  for (const [index, way] of ways.entries()) {
    const other = await predicted(join(folder, `${index}`), way);
    // Stopped processes finish the chunk that they are at.
    assert.ok(way.stopAfter ? other.runs > 5 : other.runs === (way.shards ?? 1));
    const differing = [...usual.files.keys(), ...other.files.keys()].filter(
      (name) => other.files.get(name) !== usual.files.get(name),
    );
    assert.equal(differing, []);
  }
});

test("tiles and chunks of other sizes change at most the rounding of a probability", async ({
  folder,
}) => {
  const pixels = async (name: string, way: Way, side: number) => {
    const { job } = await predicted(join(folder, name), way, { side });
    const chunks = await (await openSlideAt(job.final)).chunks();
    return cachedSource(chunks).read({ x: 0, y: 0, width, height });
  };
  const usual = await pixels("usual", {}, 48);
  // Kernels of other sizes add up in another order: differences of 1e-6, of steps of 1.5e-5.
  for (const [tile, side] of [
    [60, 48],
    [44, 208],
    [undefined, 16],
  ]) {
    const other = await pixels(`${tile}`, { tile }, side ?? 48);
    let most = 0;
    for (const [i, value] of usual.entries()) most = Math.max(most, Math.abs(other[i] - value));
    assert.ok(most <= 1);
  }
});

test("the probabilities are those of the whole image in memory, rounded to 16 bits", async ({
  folder,
}) => {
  const { job, files } = await predicted(folder, {}, { version: "0.5", side: 64 });
  const chunks = await (await slideOf()).chunks();
  const data = (await cachedSource(chunks).read({ x: 0, y: 0, width, height })) as Uint16Array;
  const predictor = await createPredictor(await testDevice(), checkpoint());
  const whole = await predictor.predict({ width, height, channels: 1, maximum: 65535, data }, "a");
  const cells = whole.probabilities.subarray(width * height);
  const store = folderStore(job.final);
  const slide = await openSlideAt(job.final);
  const stored = await cachedSource(await slide.chunks()).read({ x: 0, y: 0, width, height });
  // Means that differ in the last bit may change a rounding.
  for (let i = 0; i < cells.length; i++) {
    assert.ok(Math.abs(stored[i] - Math.round(65535 * cells[i])) <= 1);
  }
  const labels = await openZarrArray(store, "labels/classes/0", ["y", "x"]);
  const classes = await cachedSource(labels).read({ x: 0, y: 0, width, height });
  assert.equal(Array.from(classes), Array.from(predictedClasses(whole.probabilities, 2)));
  assert.equal(
    slide.levels.map((level) => level.width),
    [203, 102, 51],
  );
  assert.equal([slide.version, slide.pixelSize], ["0.5", { x: 0.5, y: 0.5 }]);
  assert.ok(files.has("labels/classes/zarr.json"));
  predictor.close();
});

test("smaller levels are the mean of two by two, and every second pixel of classes", async ({
  folder,
}) => {
  const { job } = await predicted(folder, {});
  const store = folderStore(job.final);
  const all = async (path: string, axes: string[]) => {
    const chunks = await openZarrArray(store, path, axes);
    const area = { x: 0, y: 0, width: chunks.width, height: chunks.height };
    return { data: await cachedSource(chunks).read(area), ...area };
  };
  for (const [path, axes] of [
    ["", ["c", "y", "x"]],
    ["labels/classes/", ["y", "x"]],
  ] as const) {
    const from = await all(`${path}0`, [...axes]);
    const to = await all(`${path}1`, [...axes]);
    const at = (x: number, y: number) =>
      from.data[Math.min(y, from.height - 1) * from.width + Math.min(x, from.width - 1)];
    const expected = Array.from(to.data, (_, i) => {
      const [x, y] = [2 * (i % to.width), 2 * Math.floor(i / to.width)];
      if (path !== "") return at(x, y);
      return Math.floor((at(x, y) + at(x + 1, y) + at(x, y + 1) + at(x + 1, y + 1) + 2) / 4);
    });
    assert.equal(Array.from(to.data), expected);
  }
});

test("the classes as a TIFF file have the pixels and levels of the store", async ({ folder }) => {
  const job = await predictStandIn(folder, "0.4");
  const path = await writeClassesTiff(job);
  const slide = await openSlideAt(path);
  assert.equal(
    slide.levels.map((level) => level.factor),
    [1, 2, 4],
  );
  assert.equal(slide.pixelSize, { x: 0.5, y: 0.5 });
  for (const level of [0, 1, 2]) {
    const chunks = await slide.chunks({ level });
    const { width, height } = chunks;
    const area = { x: 0, y: 0, width, height };
    const stored = await openZarrArray(folderStore(job.final), `labels/classes/${level}`, [
      "y",
      "x",
    ]);
    assert.equal([stored.width, stored.height], [width, height]);
    assert.equal(await cachedSource(chunks).read(area), await cachedSource(stored).read(area));
  }
  assert.equal(await readdir(folder), ["a-classes.tif", "a.ome.zarr", "a.progress"]);
});

test("work that differs is refused, and so is finishing before all chunks are there", async ({
  folder,
}) => {
  const job = await startJob(folder, "a", plan());
  await job.begin();
  assert.match(await rejectionOf(finishSlide(job)), /20 of 20 chunks are not predicted yet/);
  const said = await rejectionOf(startJob(folder, "a", plan({ threshold: 0.4 })));
  assert.match(said, /with threshold 0\.5, now it is 0\.4: choose another --output/);
});

test.run();
