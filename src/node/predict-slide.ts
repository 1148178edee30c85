// Predicts the chunks of a slide that are not done yet, or a shard of them.

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { pid } from "node:process";
import { checkNormalisation } from "../data/check-normalisation.js";
import { chunkOrder } from "../data/chunk-grid.js";
import { CACHE_BYTES, type ChunkSource, cachedSource } from "../data/chunk-source.js";
import { chunkStatistics } from "../data/chunk-statistics.js";
import type { Normalisation } from "../data/normalise.js";
import { predictChunks } from "../predict/predict-chunks.js";
import type { Predictor } from "../predict/predictor.js";
import { type Shard, shardRange } from "../predict/tiling.js";
import { writeFileAtomic } from "./run-files.js";
import { openJournal } from "./shard-journal.js";
import type { SlideJob } from "./slide-job.js";
import { openSlideStore, storedChunk } from "./slide-store.js";

/** How a slide is predicted. */
export interface SlideRun {
  readonly job: SlideJob;
  /** The plane of the job. */
  readonly chunks: ChunkSource;
  /** Not needed if no chunk is left to do. */
  readonly predictor?: Predictor | undefined;
  /** By default all chunks. */
  readonly shard?: Shard | undefined;
  /** Bytes of decoded chunks of the slide that are kept. By default 256 MiB. */
  readonly cacheBytes?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The exit code that the journal notes for an error. By default 1. */
  readonly exitCode?: ((error: unknown) => number | Promise<number>) | undefined;
  /** Called with what is done: first of the statistics, then of the chunks of this shard. */
  readonly onProgress?: ((step: SlideStep, done: number, total: number) => void) | undefined;
}

export type SlideStep = "statistics" | "prediction";

/** The chunks of a shard. */
export interface SlideDone {
  /** Chunks that were predicted now. */
  readonly predicted: number;
  /** Chunks that were done before. */
  readonly before: number;
}

/**
 * Predicts the chunks of a shard that have no line in a journal, and adds one for each when its files are
 * in place. The files do not depend on the shards, the order, and on how often the process was killed.
 */
export async function predictSlide(run: SlideRun): Promise<SlideDone> {
  const { job, chunks, predictor, shard = { index: 0, count: 1 }, signal, onProgress } = run;
  const { grid } = job;
  const cacheBytes = run.cacheBytes ?? CACHE_BYTES;
  const own = shardChunks(job, chunks, shard);
  const done = await job.done();
  const todo = own.filter((index) => !done.has(index));
  const before = own.length - todo.length;
  await job.begin();
  const journal = await openJournal(job.folder, shard);
  const started = new Date().toISOString();
  const where = { host: hostname(), pid };
  await journal.add({ started, units: own.length, kept: before, ...where });
  let predicted = 0;
  try {
    if (todo.length === 0) {
      await journal.add({ ended: 0 });
      return { predicted, before };
    }
    if (!predictor) throw new Error(`${job.plan.input}: ${todo.length} chunks need a predictor`);
    const normalisation = await slideStatistics(run);
    const write = await openSlideStore(job);
    let since = performance.now();
    const source = cachedSource(chunks, { bytes: cacheBytes });
    const name = job.plan.input;
    await predictChunks(
      predictor,
      { name, source, grid, todo, normalisation, signal },
      {
        encode: (planes) => storedChunk(planes, job.plan),
        async write(index, area, stored) {
          await write(index, area, stored);
          const now = performance.now();
          await journal.add({ chunk: index, ms: Math.round(now - since) });
          since = now;
          predicted++;
          onProgress?.("prediction", before + predicted, own.length);
        },
      },
    );
    await journal.add({ ended: 0 });
    return { predicted, before };
  } catch (error) {
    const { message } = error as Error;
    await journal.add({ ended: (await run.exitCode?.(error)) ?? 1, error: message });
    throw error;
  } finally {
    await journal.close();
  }
}

/**
 * The chunks of a shard, in the order in which they are predicted. They depend on the slide and the side of the
 * chunks only, so that shards with different caches divide the work alike.
 */
export function shardChunks({ grid }: SlideJob, chunks: ChunkSource, shard: Shard): number[] {
  // The usual cache holds three rows of a strip, with the neighbours on both sides.
  const bytes = chunks.type.BYTES_PER_ELEMENT * chunks.channels * grid.side * grid.side;
  const across = Math.max(1, Math.floor(CACHE_BYTES / (4 * bytes)) - 2);
  return chunkOrder(grid, across).slice(...shardRange(grid.count, shard));
}

/**
 * The normalisation of the whole plane: given, or its statistics, which are computed once and kept. If
 * several processes begin at once each computes them, and all write the same file.
 */
export async function slideStatistics(
  run: Omit<SlideRun, "predictor" | "shard" | "cacheBytes">,
): Promise<Normalisation> {
  const { job, chunks, signal, onProgress } = run;
  const { normalisation } = job.plan;
  const check = (value: unknown) => checkNormalisation(value, chunks.channels, job.plan.input);
  if (normalisation !== "image") return check({ kind: "statistics", ...normalisation });
  const file = join(job.folder, "statistics.json");
  const known = await readFile(file, "utf8").catch(() => undefined);
  if (known !== undefined) return check(JSON.parse(known));
  const onChunk = (done: number, total: number) => onProgress?.("statistics", done, total);
  const found = await chunkStatistics(chunks, { signal, onChunk });
  await job.begin();
  await writeFileAtomic(file, `${JSON.stringify(found, null, 2)}\n`);
  return found;
}
