// Finds the objects of a label that a segmentation splits, merges or misses, to display them next
// to the scores.

import { type Components, connectedComponents } from "../data/components.js";
import { IGNORED, type LabelMap } from "../data/image-types.js";

/** Objects of one image: 4-connected components of the classes other than 0, or numbered cells. */
export interface ObjectErrors {
  /** The objects of the label. */
  readonly truth: Components;
  /** Objects of the prediction, without ignored pixels. */
  readonly predicted: Components;
  /** Numbers of the label's objects that contain most of two or more predicted objects. */
  readonly split: ReadonlySet<number>;
  /**
   * Numbers of the label's objects that are mostly inside a predicted object together with others.
   */
  readonly merged: ReadonlySet<number>;
  /** Numbers of the label's objects that are mostly class 0 in the prediction. */
  readonly missed: ReadonlySet<number>;
  /** Number of predicted objects that contain two or more of the label's. */
  readonly mergers: number;
}

/** Smaller objects are ignored: specks that one would not call an object. */
const SMALLEST = 20;

/**
 * Matches objects by overlap; "mostly" means more than half of the pixels of the inner object.
 * `predicted` contains class indices [height][width]. Objects below 20 pixels are ignored on both
 * sides, including errors that only they would cause.
 */
export function objectErrors(predicted: Uint8Array, label: LabelMap): ObjectErrors {
  const { width, height, data } = label;
  if (predicted.length !== data.length) {
    throw new RangeError(
      `objectErrors: got ${predicted.length} predicted pixels, expected ${data.length}`,
    );
  }
  const judged = predicted.map((index, pixel) => (data[pixel] === IGNORED ? 0 : index));
  return errorsOf(
    connectedComponents(data, width, height),
    connectedComponents(judged, width, height),
  );
}

/** As `objectErrors`, for objects with numbers. */
export function errorsOf(truth: Components, proposal: Components): ObjectErrors {
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

/** Returns the number of pixels of each object; [0] is the background. */
function sizesOf({ labels, count }: Components): Float64Array {
  const sizes = new Float64Array(count + 1);
  for (const number of labels) sizes[number]++;
  return sizes;
}

/**
 * Returns the number of pixels shared by each pair of overlapping objects of truth and proposal.
 */
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
