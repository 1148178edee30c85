// Mean and standard deviation of an image that is read chunk by chunk, each chunk once.

import type { ChunkSource } from "./chunk-source.js";
import type { Samples } from "./image-types.js";
import { type ChannelScale, type Normalisation, unitOf } from "./normalise.js";

/** How the statistics of chunks are computed. */
export interface ChunkStatisticsOptions {
  /** Called after each chunk with the number of chunks read, and of all. */
  readonly onChunk?: ((done: number, total: number) => void) | undefined;
  /** Ends the computation with the signal's reason, between two chunks. */
  readonly signal?: AbortSignal | undefined;
}

/** Whole numbers of up to 16 bits, counted; others, summed. */
interface Tally {
  /** Where counting begins: the lowest number of the type. */
  readonly lowest: number;
  readonly counts: Float64Array | undefined;
  count: number;
  mean: number;
  squares: number;
}

/**
 * Returns the mean and (population) standard deviation of each channel as `Normalisation` of kind
 * "statistics". Each chunk is read once; chunks that are not stored cost nothing. Numbers of 8 and 16
 * bits are counted, so the result does not depend on the chunks. Others are summed in 64 bits chunk by
 * chunk, in the order of rows (Chan, Golub and LeVeque 1979), without values that are not finite.
 */
export async function chunkStatistics(
  source: ChunkSource,
  { onChunk, signal }: ChunkStatisticsOptions = {},
): Promise<Extract<Normalisation, { kind: "statistics" }>> {
  const { width, height, channels, maximum, chunk, fill, type } = source;
  const tallies = Array.from({ length: channels }, () => emptyTally(type));
  const [columns, rows] = [Math.ceil(width / chunk.width), Math.ceil(height / chunk.height)];
  const value = unitOf({ data: type, maximum });
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      signal?.throwIfAborted();
      const data = await source.readChunk(column, row);
      const pixels =
        Math.min(chunk.width, width - column * chunk.width) *
        Math.min(chunk.height, height - row * chunk.height);
      for (const [channel, tally] of tallies.entries()) {
        if (data === undefined) addConstant(tally, fill, pixels, value);
        else add(tally, data.subarray(channel * pixels, (channel + 1) * pixels), value);
      }
      onChunk?.(row * columns + column + 1, rows * columns);
    }
  }
  const scales = tallies.map((tally) => scaleOf(tally, value));
  return {
    kind: "statistics",
    mean: scales.map(({ mean }) => mean),
    deviation: scales.map(({ deviation }) => deviation),
  };
}

function emptyTally(type: Samples): Tally {
  const bits = 8 * type.BYTES_PER_ELEMENT;
  const isCounted = bits <= 16;
  const isSigned = type instanceof Int8Array || type instanceof Int16Array;
  return {
    lowest: isSigned ? -(2 ** (bits - 1)) : 0,
    counts: isCounted ? new Float64Array(2 ** bits) : undefined,
    count: 0,
    mean: 0,
    squares: 0,
  };
}

function addConstant(tally: Tally, stored: number, pixels: number, value: (one: number) => number) {
  if (tally.counts) tally.counts[stored - tally.lowest] += pixels;
  else if (Number.isFinite(value(stored))) combine(tally, pixels, value(stored), 0);
}

function add(tally: Tally, plane: Samples, value: (stored: number) => number): void {
  const { counts, lowest } = tally;
  if (counts) {
    for (let i = 0; i < plane.length; i++) counts[plane[i] - lowest]++;
    return;
  }
  let [count, sum] = [0, 0];
  for (let i = 0; i < plane.length; i++) {
    const one = value(plane[i]);
    if (!Number.isFinite(one)) continue;
    count++;
    sum += one;
  }
  if (count === 0) return;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < plane.length; i++) {
    const one = value(plane[i]);
    if (Number.isFinite(one)) squares += (one - mean) ** 2;
  }
  combine(tally, count, mean, squares);
}

/** Adds a group of values to those before: its mean, and its squares of differences from that. */
function combine(tally: Tally, count: number, mean: number, squares: number): void {
  const total = tally.count + count;
  const difference = mean - tally.mean;
  tally.squares += squares + (difference * difference * tally.count * count) / total;
  tally.mean += (difference * count) / total;
  tally.count = total;
}

function scaleOf(
  { counts, lowest, ...sums }: Tally,
  value: (stored: number) => number,
): ChannelScale {
  if (counts === undefined) {
    const { count, mean, squares } = sums;
    return { mean, deviation: count > 0 ? Math.sqrt(squares / count) : 0 };
  }
  let [count, sum, kinds] = [0, 0, 0];
  for (const [index, times] of counts.entries()) {
    if (times === 0) continue;
    kinds++;
    count += times;
    sum += times * value(index + lowest);
  }
  const mean = sum / count;
  if (kinds === 1)
    return { mean: value(counts.findIndex((times) => times > 0) + lowest), deviation: 0 };
  let squares = 0;
  for (const [index, times] of counts.entries()) {
    if (times > 0) squares += times * (value(index + lowest) - mean) ** 2;
  }
  return { mean, deviation: Math.sqrt(squares / count) };
}
