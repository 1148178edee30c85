// Mean and standard deviation of an image that is read area by area.

import { checkKeys } from "../arguments/keys.js";
import {
  addSquares,
  addValues,
  type Normalisation,
  noSums,
  type ScaleSums,
  scaleOf,
  unitOf,
} from "./normalise.js";
import { checkedSource, type TileSource } from "./tile-source.js";

/**
 * The approximate number of values per band. Rows are whole, so that sums are taken in the order of
 * an array.
 */
const BAND = 2 ** 22;

/** How the statistics of a large image are computed. */
export interface StatisticsOptions {
  /** Name of the image in errors. By default "the image". */
  readonly name?: string | undefined;
  /** Ends the computation with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Returns the mean and standard deviation of each channel of an image of any size, as
 * `Normalisation` of kind "statistics": equal to the bit to those that `Predictor.predict` uses for
 * an array of the same numbers. The image is read twice, in bands of whole rows from top to bottom,
 * of 4 million numbers or one row. Rejects if the source fails, and with the signal's reason.
 */
export async function sourceStatistics(
  source: TileSource,
  options: StatisticsOptions = {},
): Promise<Extract<Normalisation, { kind: "statistics" }>> {
  checkKeys("sourceStatistics", options, { name: 1, signal: 1 });
  const { name = "the image", signal } = options;
  const checked = checkedSource(source, name);
  const { width, height, channels, maximum } = checked;
  const sums = Array.from({ length: channels }, noSums);
  const rows = Math.max(1, Math.floor(BAND / (width * channels)));
  const pass = async (add: typeof addValues, wanted: (sums: ScaleSums) => boolean) => {
    for (let y = 0; y < height && sums.some(wanted); y += rows) {
      signal?.throwIfAborted();
      const area = { x: 0, y, width, height: Math.min(rows, height - y) };
      const data = await checked.read(area);
      const count = width * area.height;
      const value = unitOf({ data, maximum });
      for (const [channel, one] of sums.entries()) {
        if (wanted(one)) add(one, data.subarray(channel * count, (channel + 1) * count), value);
      }
    }
  };
  await pass(addValues, () => true);
  await pass(addSquares, ({ isFlat }) => !isFlat);
  const scales = sums.map(scaleOf);
  return {
    kind: "statistics",
    mean: scales.map(({ mean }) => mean),
    deviation: scales.map(({ deviation }) => deviation),
  };
}
