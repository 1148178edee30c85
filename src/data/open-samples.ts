// Batches of samples that are not all in memory: they are read when their turn comes.

import type { Sample } from "./image-types.js";
import { type OpenSample, openSample, type Prepared, type PreparedSample } from "./prepare.js";
import { type Batch, type TileOptions, tileCutter } from "./tiles.js";

export type ReadSample = (sample: PreparedSample) => Promise<Sample>;

/** Samples that were read stay until so many others have been: a set of few large images is read less. */
const KEPT = 2;

/**
 * Cuts batches, each asked for once the one before is there; at once where all of its samples are in
 * memory. The tiles are the same to the bit either way.
 */
export function batchCutter(
  prepared: Prepared,
  tiles: TileOptions,
  read: ReadSample,
): (number: number, size: number) => Batch | Promise<Batch> {
  const cutter = tileCutter(prepared, tiles);
  const kept = new Map<number, OpenSample>();

  async function open(sample: number): Promise<OpenSample> {
    const { balance, separation, samples } = prepared;
    const known = kept.get(sample);
    kept.delete(sample);
    const opened = known ?? openSample(await read(samples[sample]), balance, separation, false);
    kept.set(sample, opened);
    for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
    return opened;
  }

  async function cut(number: number, size: number, missing: readonly number[]): Promise<Batch> {
    const opened = new Map<number, OpenSample>();
    for (const sample of missing) opened.set(sample, await open(sample));
    return cutter.cut(number, size, opened);
  }

  return (number, size) => {
    const missing = [...cutter.samplesOf(number, size)].filter(
      (sample) => !prepared.samples[sample].opened,
    );
    return missing.length === 0 ? cutter.cut(number, size) : cut(number, size, missing);
  };
}
