// Completes the store of a slide after its shards: its objects, numbered and measured, and its final name.

import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { type ChunkSource, cachedSource } from "../../data/chunk-source.js";
import { openZarrArray } from "../../formats/slide/zarr-slide.js";
import { createZarrArray } from "../../formats/slide/zarr-writer.js";
import { finishSlide } from "../../node/finish-slide.js";
import { folderStore } from "../../node/folder-store.js";
import { writeFileAtomic } from "../../node/run-files.js";
import { openSlideAt } from "../../node/slide-file.js";
import type { SlideJob } from "../../node/slide-job.js";
import { labelArray, probabilityArray } from "../../node/slide-store.js";
import { type ChunkedLabels, type JoinedObjects, joinObjects } from "../../objects/join-objects.js";
import { measureChunks } from "../../objects/measure-chunks.js";
import { csvRow, measurementColumns } from "../../objects/measurement-table.js";
import type { ChunkedCells } from "../../objects/separate-chunks.js";
import type { SeparationOptions } from "../../objects/separate-objects.js";

/** What happens to a store, and how far it is. */
export type MergeStep = "objects" | "measurements";

/** What was made of a slide. */
export interface MergedSlide extends JoinedObjects {
  readonly store: string;
  readonly csv: string;
}

/** How objects are found; `onStep` is told what is done, of how many chunks. */
export interface MergeSlideOptions extends SeparationOptions {
  readonly onStep?: (step: MergeStep, done: number, total: number) => void;
}

/** The label image of the objects, below "labels". */
const OBJECTS = { name: "objects", type: "uint32" } as const;

/**
 * Numbers and measures the objects of a slide whose chunks are all predicted, and completes its store: labels/objects,
 * and a table next to it. Without further options objects are told apart as was chosen in training. If it was killed,
 * it begins again. Throws if chunks are missing, or if the slide cannot be read.
 */
export async function mergeSlide(
  job: SlideJob,
  { onStep, ...options }: MergeSlideOptions,
): Promise<MergedSlide> {
  const { plan, partial, final, grid } = job;
  const store = folderStore(partial);
  const array = labelArray(plan, OBJECTS.type);
  const path = `labels/${OBJECTS.name}/0`;
  // What a killed run has left has other numbers.
  await rm(join(partial, "labels", OBJECTS.name), { recursive: true, force: true });
  const writer = await createZarrArray(store, path, array);
  const open = () => openZarrArray(store, path, array.axes);
  const written = await open();
  const { width, height, side } = grid;
  const labels: ChunkedLabels = {
    async read({ x, y }) {
      return asNumbers(await written.readChunk(x / side, y / side));
    },
    write: (area, data) =>
      writer.write([area.y / side, area.x / side], area, Uint32Array.from(data)),
  };
  const probabilities = await openZarrArray(store, "0", probabilityArray(plan).axes);
  const cells = cellsOf(cachedSource(probabilities), job);
  const joined = await joinObjects(cells, labels, {
    ...options,
    onChunk: (done, total) => onStep?.("objects", done, total),
  });
  const slide = await openSlideAt(plan.input);
  const { level, channels, z, t } = plan;
  const image = cachedSource(await slide.chunks({ level, channels, z, t }));
  const numbers = cachedSource(await open());
  const measured = measureChunks(
    {
      ...{ width, height, side },
      read: async (area) =>
        (await numbers.isEmpty(area)) ? undefined : asNumbers(await numbers.read(area)),
    },
    {
      image,
      pixelSize: plan.pixelSize ?? undefined,
      onChunk: (done, total) => onStep?.("measurements", done, total),
    },
  );
  const csv = join(final, "..", `${job.name}-objects.csv`);
  await writeFileAtomic(csv, await tableOf(measured, job));
  await finishSlide(job, { labels: [OBJECTS] });
  return { ...joined, store: final, csv };
}

/** The probability of a cell, from the stored planes. */
function cellsOf(source: ReturnType<typeof cachedSource>, { plan, grid }: SlideJob): ChunkedCells {
  const { width, height, side } = grid;
  return {
    width,
    height,
    side,
    async read(area) {
      if (plan.classes === 2 && (await source.isEmpty(area))) return undefined;
      const planes = (await source.read(area)) as Uint16Array;
      if (plan.classes === 2) return { cell: planes };
      const pixels = area.width * area.height;
      const cell = planes.subarray(0, pixels).map((background) => 65535 - background);
      const inside = planes.subarray(pixels, 2 * pixels);
      return plan.objects?.kind === "border" ? { cell, inside } : { cell };
    },
  };
}

const asNumbers = (data: Awaited<ReturnType<ChunkSource["readChunk"]>>): Int32Array | undefined =>
  data && Int32Array.from(data as Uint32Array);

/** The table in the order of the numbers, in pieces. */
async function tableOf(measured: ReturnType<typeof measureChunks>, { plan }: SlideJob) {
  const { pixelSize, input } = plan;
  const image = { file: basename(input), objects: [], pixelSize: pixelSize ?? undefined };
  const rows: string[] = [];
  let head = measurementColumns([image]);
  for await (const object of measured) {
    if (rows.length === 0) head = measurementColumns([{ ...image, objects: [object] }]);
    rows[object.label - 1] = csvRow(head.map(({ value }) => value(object, image)));
  }
  async function* lines() {
    yield `${head.map(({ name }) => name).join(",")}\n`;
    for (let at = 0; at < rows.length; at += 4096) {
      yield `${rows.slice(at, at + 4096).join("\n")}\n`;
    }
  }
  return lines();
}
