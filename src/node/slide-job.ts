// The prediction of a slide as work on disk: what is computed, which chunks are done, where the results
// are. Many processes may share it without locks.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChunkGrid, chunkGrid } from "../data/chunk-grid.js";
import type { PixelSize } from "../data/image-types.js";
import type { ClassFields, Task } from "../data/task.js";
import type { OmeVersion } from "../formats/slide/slide-types.js";
import { ensureFolder, explainReason, writeFileAtomic } from "./run-files.js";
import { readJournals } from "./shard-journal.js";

/** What is computed from what: a run that goes on must agree in all of it. */
export interface SlidePlan {
  /** The slide as it was named. */
  readonly input: string;
  /** Of the level that is predicted, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly level: number;
  readonly channels: readonly number[];
  readonly z: number;
  readonly t: number;
  /** Side of the chunks of work and of the outputs. */
  readonly side: number;
  /** Of the network. */
  readonly classes: number;
  /** What the checkpoint is, so that other weights are noticed: a digest of its file. */
  readonly network: string;
  readonly symmetries: number;
  /** Side of the tiles, null for the automatic one: other tiles may round differently. */
  readonly tile: number | null;
  readonly threshold: number;
  /** Of the outputs. */
  readonly version: OmeVersion;
  /** Of the level. */
  readonly pixelSize: PixelSize | null;
  /** Names and colours of the classes. */
  readonly classFields: ClassFields;
  /** How objects are told apart, as was chosen in training. */
  readonly objects: Task["objects"] | null;
  /** "image": by the statistics of the whole plane. Else those given, or of the checkpoint. */
  readonly normalisation:
    | "image"
    | { readonly mean: readonly number[]; readonly deviation: readonly number[] };
}

/** The work on one slide. */
export interface SlideJob {
  /** Of the outputs. */
  readonly name: string;
  /** The folder with the plan, the statistics and the journals of the shards. */
  readonly folder: string;
  /** The store until it is complete. */
  readonly partial: string;
  /** The store under its final name. */
  readonly final: string;
  readonly plan: SlidePlan;
  readonly grid: ChunkGrid;
  /** Writes down the plan, if that is not done: before anything else is written. Throws like `startJob`. */
  begin(): Promise<void>;
  /** Whether the store has its final name. */
  isComplete(): boolean;
  /** The chunks with a line in a journal: all of their files are in place. */
  done(): Promise<Set<number>>;
}

/** Returns the work that is in a folder of outputs; undefined if there is none of that name. */
export async function openJob(output: string, name: string): Promise<SlideJob | undefined> {
  const file = join(output, `${name}.progress`, "job.json");
  if (!existsSync(file)) return undefined;
  let plan: SlidePlan;
  try {
    plan = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: it cannot be read: ${explainReason(error)}`, { cause: error });
  }
  return jobOf(output, name, plan);
}

/**
 * Returns new work, of which nothing is written yet, or that which is there. Throws if the folder has work of this name
 * with another plan.
 */
export async function startJob(output: string, name: string, plan: SlidePlan): Promise<SlideJob> {
  const found = await openJob(output, name);
  if (found) {
    refuseOther(found, plan);
    return found;
  }
  const job = jobOf(output, name, plan);
  for (const path of [job.final, job.partial]) {
    if (!existsSync(path)) continue;
    throw new Error(`${path}: it exists and is not of this work; choose another --output`);
  }
  return job;
}

function refuseOther(job: SlideJob, plan: SlidePlan): void {
  const text = (value: unknown) => JSON.stringify(value) ?? "nothing";
  for (const key of Object.keys(plan) as (keyof SlidePlan)[]) {
    const [before, now] = [text(job.plan[key]), text(plan[key])];
    if (before === now) continue;
    throw new Error(
      `${job.folder}: it holds work on ${job.name} with ${key} ${before}, now it is ${now}: choose ` +
        "another --output, or delete the folder to begin again",
    );
  }
}

function jobOf(output: string, name: string, plan: SlidePlan): SlideJob {
  const folder = join(output, `${name}.progress`);
  const grid = chunkGrid(plan, plan.side);
  const final = join(output, `${name}.ome.zarr`);
  return {
    name,
    folder,
    partial: join(output, `${name}.partial.ome.zarr`),
    final,
    plan,
    grid,
    async begin() {
      const found = await openJob(output, name);
      if (found) return refuseOther(found, plan);
      await ensureFolder(folder);
      await writeFileAtomic(join(folder, "job.json"), `${JSON.stringify(plan, null, 2)}\n`);
    },
    isComplete: () => existsSync(final),
    async done() {
      const lines = (await readJournals(folder)).flatMap(({ lines }) => lines);
      const isChunk = (one: unknown) => Number.isSafeInteger(one) && (one as number) < grid.count;
      const whole = lines.filter(({ failed }) => failed === undefined);
      return new Set(whole.map(({ chunk }) => chunk).filter(isChunk) as number[]);
    },
  };
}
