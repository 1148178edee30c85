// Cuts batches of samples that are not all in memory: they are read when needed.

import type { Sample } from "./image-types.js";
import { type OpenSample, openSample, type Prepared, type PreparedSample } from "./prepare.js";
import { type Batch, type TileOptions, tileCutter } from "./tiles.js";

/** Gives a sample's pixels: those in memory, or read again from its file. */
export type ReadSample = (sample: PreparedSample) => Promise<Sample>;

/**
 * Samples are kept until this many others have been read, so that a set of few large images is read
 * less often.
 */
const KEPT = 2;

/**
 * Returns a function that cuts batches, to be called for one after the other; synchronous if all
 * samples of a batch are in memory. The tiles are the same to the bit either way.
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
