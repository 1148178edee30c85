// Slides: a prediction of 8,192 x 8,192 pixels next to single tiles, and a sparse slide of 100,000 x
// 100,000 with a stand-in for the network. `npm run bench:slides -- [side] [sparse side]`; 0 leaves one out.
// Each runs in a process of its own, whose peak memory is that of the whole process.

import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chunkGrid } from "../src/data/chunk-grid.js";
import { multiscalesOf } from "../src/formats/slide/ome-metadata.js";
import { createZarrArray, writeGroup } from "../src/formats/slide/zarr-writer.js";
import { initialValues, slice } from "../src/model/parameters.js";
import { unet } from "../src/model/unet.js";
import { finishSlide } from "../src/node/finish-slide.js";
import { folderStore } from "../src/node/folder-store.js";
import { openDevice } from "../src/node/open-device.js";
import { predictSlide, slideStatistics } from "../src/node/predict-slide.js";
import { openSlideAt } from "../src/node/slide-file.js";
import { type SlideJob, type SlidePlan, startJob } from "../src/node/slide-job.js";
import { createPredictor } from "../src/predict/predict.js";
import { tileOrigins } from "../src/predict/tiling.js";
import { modelConfig } from "../src/train/config.js";
import { standIn } from "../test/slides/stand-in.js";
import { noise } from "./network.js";

/** Side of the chunks of the slides. */
const CHUNK = 512;
const SHARDS = 4;
/** Chunks that the sparse slide stores. */
const STORED = 64;

const say = (text: string) => console.log(text);
const seconds = (since: number) => (performance.now() - since) / 1000;

/** Writes a slide of 8 bits chunk by chunk: noise with cells, other ones in each chunk. */
async function writeSlide(folder: string, side: number, isStored: (index: number) => boolean) {
  const store = folderStore(folder);
  const grid = chunkGrid({ width: side, height: side }, CHUNK);
  const array = { version: "0.4", shape: [side, side], side: CHUNK, type: "uint8" } as const;
  const writer = await createZarrArray(store, "0", { ...array, axes: ["y", "x"] });
  const texture = Uint8Array.from(noise([CHUNK, CHUNK], 3), (value) => 60 * Math.abs(value));
  for (let index = 0; index < grid.count; index++) {
    if (!isStored(index)) continue;
    const { width, height, x, y } = grid.area(index);
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i++) {
      const [column, row] = [i % width, Math.floor(i / width)];
      const isCell = Math.sin((x + column) / 9 + index) * Math.sin((y + row) / 11) > 0.2;
      data[i] = texture[row * CHUNK + column] + (isCell ? 120 : 20);
    }
    await writer.write([y / CHUNK, x / CHUNK], { width, height }, data);
  }
  const image = { version: "0.4", name: "bench", axes: ["y", "x"], method: "mean" } as const;
  const multiscales = [multiscalesOf({ ...image, factors: [{ x: 1, y: 1 }] })];
  await writeGroup(store, "", "0.4", { multiscales });
}

const planOf = (side: number): SlidePlan => ({
  input: `${side}`,
  width: side,
  height: side,
  level: 0,
  channels: [0],
  z: 0,
  t: 0,
  side: 1024,
  classes: 2,
  network: "bench",
  symmetries: 1,
  tile: null,
  threshold: 0.5,
  version: "0.4",
  pixelSize: null,
  classFields: { classes: 2 },
  objects: null,
  normalisation: "image",
});

function tellMemory(what: string): void {
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  say(`${what}: the peak memory of its process is ${mebibytes.toFixed(0)} MiB`);
}

/** A network of width 8 and depth 3: shards of the slide and as many single tiles in turn. */
async function benchWhole(folder: string, side: number): Promise<void> {
  const config = modelConfig({ base: 8, depth: 3 });
  const model = unet(config);
  const flat = initialValues(model.parameters, 3);
  const tensors = model.parameters.list.map((parameter) => {
    return [parameter.name, { shape: parameter.shape, data: slice(parameter, flat) }] as const;
  });
  const metadata = { model: config, normalisation: { kind: "image" } } as const;
  const device = await openDevice();
  const predictor = await createPredictor(device, { tensors: new Map(tensors), metadata });
  let since = performance.now();
  await writeSlide(join(folder, "in.zarr"), side, () => true);
  say(`${side} x ${side}, ${device.describe().adapter}: written in ${seconds(since).toFixed(1)} s`);
  const chunks = await (await openSlideAt(join(folder, "in.zarr"))).chunks();
  const job = await startJob(join(folder, "out"), "in", planOf(side));
  since = performance.now();
  await slideStatistics({ job, chunks });
  const statistics = seconds(since);
  const area = job.grid.area(0);
  const tiling = await predictor.tiles(area, "bench");
  const image = new Float32Array(tiling.tile ** 2).fill(0.5);
  const single = async (tiles: number) => {
    const from = performance.now();
    let last: Promise<unknown> | undefined;
    for (let i = 0; i < tiles; i++) {
      tiling.plan.run({ image });
      const answer = tiling.plan.read(tiling.probabilities);
      await last;
      last = answer;
    }
    await last;
    return seconds(from);
  };
  await single(4);
  let [ofSlide, ofTiles, tiles] = [0, 0, 0];
  // Processor time of all threads, with those of lavapipe: it depends less on other programs.
  let [cpuOfSlide, cpuOfTiles] = [0, 0];
  const cpu = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };
  for (let index = 0; index < SHARDS; index++) {
    const from = performance.now();
    const cpuBefore = cpu();
    const shard = { index, count: SHARDS };
    const { predicted } = await predictSlide({ job, chunks, predictor, shard });
    ofSlide += seconds(from);
    const cpuBetween = cpu();
    cpuOfSlide += cpuBetween - cpuBefore;
    const perChunk = tileOrigins(area, tiling.side, tiling.gridStep).length;
    ofTiles += await single(predicted * perChunk);
    tiles += predicted * perChunk;
    cpuOfTiles += cpu() - cpuBetween;
  }
  since = performance.now();
  await finishSlide(job);
  const finish = seconds(since);
  const pixels = side ** 2 / 1e6;
  const kept = (Math.min(tiling.originStep, side) ** 2 * tiles) / 1e6;
  const total = statistics + ofSlide + finish;
  const [rate, rateOfTiles] = [pixels / ofSlide, kept / ofTiles];
  say(
    `${side} x ${side}: statistics ${statistics.toFixed(1)} s, prediction of ${job.grid.count} chunks in ` +
      `${SHARDS} shards ${ofSlide.toFixed(1)} s, levels ${finish.toFixed(1)} s`,
  );
  say(
    `${rate.toFixed(3)} Mpixel/s predicted and written, ${(pixels / total).toFixed(3)} with everything; single ` +
      `tiles of ${tiling.tile} in turn ${rateOfTiles.toFixed(3)}: ${(rate / rateOfTiles).toFixed(3)} and ` +
      `${(pixels / total / rateOfTiles).toFixed(3)} of it`,
  );
  say(
    `processor time of both: ${cpuOfSlide.toFixed(1)} s for the slide, ${cpuOfTiles.toFixed(1)} s for the tiles`,
  );
  tellMemory(`${side} x ${side}`);
  device.close();
}

/** Few chunks are stored; the network is replaced by a threshold. */
async function benchSparse(folder: string, side: number): Promise<void> {
  const count = Math.ceil(side / CHUNK) ** 2;
  const every = Math.ceil(count / STORED);
  const isStored = (index: number) => index % every === every >> 1;
  let since = performance.now();
  await writeSlide(join(folder, "in.zarr"), side, isStored);
  const chunks = await (await openSlideAt(join(folder, "in.zarr"))).chunks();
  const job = await startJob(join(folder, "out"), "in", planOf(side));
  since = performance.now();
  const { predicted } = await predictSlide({ job, chunks, predictor: standIn() });
  say(`${side} x ${side}, ${STORED} of ${count} chunks stored: ${predicted} chunks predicted by a`);
  say(`  stand-in in ${seconds(since).toFixed(1)} s`);
  tellMemory(`  ${side} x ${side}`);
  since = performance.now();
  await finishSlide(job as SlideJob);
  say(`  levels in ${seconds(since).toFixed(1)} s`);
  tellMemory(`  ${side} x ${side} with levels`);
}

const [what, first, second] = process.argv.slice(2);
if (what === "whole" || what === "sparse") {
  const folder = await mkdtemp(join(tmpdir(), "micrograph-slides-"));
  try {
    await (what === "whole" ? benchWhole : benchSparse)(folder, Number(first));
  } finally {
    await rm(folder, { recursive: true });
  }
} else {
  const [side, sparse] = [Number(what ?? 8192), Number(first ?? 100_000)];
  if (second !== undefined || !(side >= 0 && sparse >= 0)) {
    throw new Error("expected two sides in pixels, such as 8192 100000");
  }
  for (const [name, value] of Object.entries({ whole: side, sparse })) {
    if (value === 0) continue;
    const program = fileURLToPath(import.meta.url);
    execFileSync(process.execPath, [program, name, `${value}`], { stdio: "inherit" });
  }
}
