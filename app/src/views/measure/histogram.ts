// The histogram of a measurement. Pure.

export interface Histogram {
  readonly low: number;
  readonly high: number;
  /** Number of cells in each of equal parts from `low` to `high`. */
  readonly counts: readonly number[];
}

/** Undefined if no value is defined. Values that are all equal have one bar. */
export function histogramOf(values: Float64Array, bars: number): Histogram | undefined {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return undefined;
  const counts = new Array<number>(high > low ? bars : 1).fill(0);
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const bar = high > low ? Math.floor((counts.length * (value - low)) / (high - low)) : 0;
    counts[Math.min(bar, counts.length - 1)]++;
  }
  return { low, high, counts };
}
