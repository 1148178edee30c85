// Which objects of a label a segmentation splits, merges or misses: to look at, beside the scores
// that only count.

import { type Components, connectedComponents } from "../data/components.js";
import { IGNORED, type LabelMap } from "../data/image-types.js";

/** Objects of one image: 4-connected components of the classes other than 0. */
export interface ObjectErrors {
  readonly truth: Components;
  /** Objects of the prediction, ignored pixels left out. */
  readonly predicted: Components;
  /** Numbers of the label's objects with two or more predicted objects mostly inside of them. */
  readonly split: ReadonlySet<number>;
  /** Numbers of the label's objects that lie mostly inside one predicted object with others. */
  readonly merged: ReadonlySet<number>;
  /** Numbers of the label's objects that the prediction leaves mostly to class 0. */
  readonly missed: ReadonlySet<number>;
  /** Number of predicted objects that hold two or more of the label's. */
  readonly mergers: number;
}

/** Smaller objects count nowhere: specks that a look at the picture would not call an object. */
const SMALLEST = 20;

/**
 * Matches objects by overlap; "mostly" is more than half of the pixels of the object that lies
 * inside. `predicted` holds class indices [height][width]. Objects below 20 pixels are left out on
 * both sides, and with them what only they would make an error.
 */
export function objectErrors(predicted: Uint8Array, label: LabelMap): ObjectErrors {
  const { width, height, data } = label;
  if (predicted.length !== data.length) {
    throw new RangeError(
      `objectErrors: got ${predicted.length} predicted pixels, expected ${data.length}`,
    );
  }
  const judged = predicted.map((index, pixel) => (data[pixel] === IGNORED ? 0 : index));
  const truth = connectedComponents(data, width, height);
  const proposal = connectedComponents(judged, width, height);
  const [truthSizes, proposalSizes] = [sizesOf(truth), sizesOf(proposal)];
  const split = new Map<number, number>();
  const holds = new Map<number, number[]>();
  const covered = new Float64Array(truth.count + 1);
  for (const { of, by, pixels } of overlaps(truth, proposal)) {
    covered[of] += pixels;
    if (truthSizes[of] < SMALLEST || proposalSizes[by] < SMALLEST) continue;
    if (2 * pixels > proposalSizes[by]) split.set(of, (split.get(of) ?? 0) + 1);
    if (2 * pixels > truthSizes[of]) holds.set(by, [...(holds.get(by) ?? []), of]);
  }
  const mergers = [...holds.values()].filter((objects) => objects.length > 1);
  const missed = new Set<number>();
  for (let of = 1; of <= truth.count; of++) {
    if (truthSizes[of] >= SMALLEST && 2 * covered[of] < truthSizes[of]) missed.add(of);
  }
  return {
    truth,
    predicted: proposal,
    split: new Set([...split].filter(([, parts]) => parts > 1).map(([of]) => of)),
    merged: new Set(mergers.flat()),
    missed,
    mergers: mergers.length,
  };
}

/** Pixels of each object by its number; [0] is outside. */
function sizesOf({ labels, count }: Components): Float64Array {
  const sizes = new Float64Array(count + 1);
  for (const number of labels) sizes[number]++;
  return sizes;
}

/** Pixels that an object of the truth shares with one of the proposal, where there are any. */
function overlaps(
  truth: Components,
  proposal: Components,
): { of: number; by: number; pixels: number }[] {
  const shared = new Map<number, number>();
  const stride = proposal.count + 1;
  for (let pixel = 0; pixel < truth.labels.length; pixel++) {
    if (truth.labels[pixel] === 0 || proposal.labels[pixel] === 0) continue;
    const pair = truth.labels[pixel] * stride + proposal.labels[pixel];
    shared.set(pair, (shared.get(pair) ?? 0) + 1);
  }
  return [...shared].map(([pair, pixels]) => ({
    of: Math.floor(pair / stride),
    by: pair % stride,
    pixels,
  }));
}
