// Measures for the segmentation of single objects.

/**
 * Returns the SEG measure of the cell tracking challenge (Maska et al. 2014), the IoU of
 * Ronneberger et al. 2015, table 2: for each object of the label the intersection over union with
 * the object of the proposal that covers more than half of it, or 0 if there is none; the mean over
 * the label's objects, NaN if there are none. Both are component numbers by pixel, 0 outside
 * objects; pixels where `counted` is 0 are ignored.
 */
export function instanceIou(
  truth: Int32Array,
  proposal: Int32Array,
  counted?: Uint8Array,
): { readonly mean: number; readonly objects: number } {
  const { truths, proposals, both } = countObjects(truth, proposal, counted);
  let sum = 0;
  for (const [i, size] of truths) {
    for (const [j, common] of both.get(i) ?? []) {
      if (2 * common > size) sum += common / (size + (proposals.get(j) ?? 0) - common);
    }
  }
  return { mean: sum / truths.size, objects: truths.size };
}

/** Pixels of the objects of a label, of those of a proposal, and of each overlapping pair. */
export interface ObjectCounts {
  readonly truths: ReadonlyMap<number, number>;
  readonly proposals: ReadonlyMap<number, number>;
  readonly both: ReadonlyMap<number, ReadonlyMap<number, number>>;
}

/** Counts the objects with numbers above 0; pixels where `counted` is 0 are ignored. */
export function countObjects(
  truth: Int32Array,
  proposal: Int32Array,
  counted?: Uint8Array,
): ObjectCounts {
  const truths = new Map<number, number>();
  const proposals = new Map<number, number>();
  const both = new Map<number, Map<number, number>>();
  const increase = (counts: Map<number, number>, key: number) =>
    counts.set(key, (counts.get(key) ?? 0) + 1);
  for (let pixel = 0; pixel < truth.length; pixel++) {
    if (counted && counted[pixel] === 0) continue;
    const [i, j] = [truth[pixel], proposal[pixel]];
    if (i > 0) increase(truths, i);
    if (j > 0) increase(proposals, j);
    if (i === 0 || j === 0) continue;
    const row = both.get(i) ?? new Map<number, number>();
    both.set(i, row);
    increase(row, j);
  }
  return { truths, proposals, both };
}
