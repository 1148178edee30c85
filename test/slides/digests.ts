// What stores hold, as digests that other programs compute too.

import { createHash } from "node:crypto";
import { cachedSource } from "../../src/data/chunk-source.js";
import { openSlide } from "../../src/formats/slide/open-slide.js";
import type { Slide } from "../../src/formats/slide/slide-types.js";
import { openZarrArray } from "../../src/formats/slide/zarr-slide.js";
import { finishSlide } from "../../src/node/finish-slide.js";
import { folderStore } from "../../src/node/folder-store.js";
import { predictSlide } from "../../src/node/predict-slide.js";
import { type SlideJob, type SlidePlan, startJob } from "../../src/node/slide-job.js";
import { standIn } from "./stand-in.js";
import { memoryStore, noise, writeZarr } from "./zarr-image.js";

const DTYPES: Readonly<Record<string, string>> = {
  Uint8Array: "|u1",
  Uint16Array: "<u2",
  Uint32Array: "<u4",
};

/** SHA-256 of the numbers of a slide: all channels of the first slice, little-endian. */
export async function planeDigest(slide: Slide): Promise<string> {
  return (await digestOf(await slide.chunks())).digest;
}

async function digestOf(chunks: Awaited<ReturnType<Slide["chunks"]>>) {
  const { width, height } = chunks;
  const data = await cachedSource(chunks).read({ x: 0, y: 0, width, height });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const dtype = DTYPES[data.constructor.name];
  return { dtype, digest: createHash("sha256").update(bytes).digest("hex") };
}

/** Shape, type and digest of every array of a prediction of three levels, by path. */
export async function storeDigests(folder: string, labels: readonly string[] = ["classes"]) {
  const store = folderStore(folder);
  const found: Record<string, { shape: number[]; dtype: string; digest: string }> = {};
  for (const [prefix, axes] of [
    ["", ["c", "y", "x"]] as const,
    ...labels.map((name) => [`labels/${name}/`, ["y", "x"]] as const),
  ]) {
    for (let level = 0; level < 3; level++) {
      const chunks = await openZarrArray(store, `${prefix}${level}`, [...axes]);
      const space = [chunks.height, chunks.width];
      const shape = prefix === "" ? [chunks.channels, ...space] : space;
      found[`${prefix}${level}`] = { shape, ...(await digestOf(chunks)) };
    }
  }
  return found;
}

/** Predicts a slide of noise by a threshold: three levels, some chunks empty. */
export async function predictStandIn(output: string, version: "0.4" | "0.5"): Promise<SlideJob> {
  const [width, height] = [203, 150];
  const store = memoryStore();
  const isStored = ([row, column]: readonly number[]) => row < 3 || column < 1;
  const image = { version, axes: "yx", shape: [height, width], chunks: [20, 20] } as const;
  await writeZarr(store, { ...image, type: "uint16", value: noise, isStored });
  const chunks = await (await openSlide(store, "a.zarr")).chunks();
  const plan: SlidePlan = {
    ...{ input: "a.zarr", width, height, level: 0, channels: [0], z: 0, t: 0, side: 64 },
    ...{ classes: 2, network: "stand-in", symmetries: 1, tile: null, threshold: 0.5, version },
    ...{
      pixelSize: { x: 0.5, y: 0.5 },
      classFields: { classes: 2 },
      objects: null,
      normalisation: "image",
    },
  };
  const job = await startJob(output, "a", plan);
  await predictSlide({ job, chunks, predictor: standIn({ tile: 60, side: 20, gridStep: 4 }) });
  await finishSlide(job);
  return job;
}
