// Rand and information scores of a segmentation: how the objects of a proposal and those of the
// label overlap, within the label's foreground only (Arganda-Carreras et al. 2015).

/**
 * Sums over the table of overlaps p_ij of one image. Add them up to score several images as one.
 */
export interface Overlap {
  /** Pixels of the label's foreground. */
  readonly pixels: number;
  /** Sums of squared pixel counts: of the label's objects, the proposal's, and the overlaps. */
  readonly squares: { readonly truth: number; readonly proposal: number; readonly both: number };
  /** Sums of p ln p, with p a share of `pixels`, for the same three. */
  readonly information: {
    /** Of the label. */
    readonly truth: number;
    /** Of the prediction. */
    readonly proposal: number;
    /** Of both together. */
    readonly both: number;
  };
}

/** A score of splits and mergers, each 0 to 1. */
export interface Score {
  /** Low if objects of the label are merged. */
  readonly precision: number;
  /** Low if objects of the label are split. */
  readonly recall: number;
  /** Harmonic mean of the two. */
  readonly f: number;
}

/**
 * Returns the overlaps of the objects of a label and of a proposal, both as component numbers by
 * pixel, 0 outside objects. Pixels outside the label's objects are ignored; pixels of its objects
 * that are background in the proposal each count as a separate object. Throws a `RangeError` if the
 * sizes differ.
 */
export function overlapOf(truth: Int32Array, proposal: Int32Array): Overlap {
  if (truth.length !== proposal.length) {
    throw new RangeError(`overlap: got ${proposal.length} pixels, expected ${truth.length}`);
  }
  const width = proposal.reduce((most, number) => Math.max(most, number), 0) + 1;
  const rows = truth.reduce((most, number) => Math.max(most, number), 0) + 1;
  const truths = new Float64Array(rows);
  const proposals = new Float64Array(width);
  const both = new Map<number, number>();
  let pixels = 0;
  for (let start = 0; start < truth.length; ) {
    // Neighbours mostly belong to the same objects: a run of them is one entry.
    let end = start + 1;
    while (end < truth.length && truth[end] === truth[start] && proposal[end] === proposal[start]) {
      end++;
    }
    if (truth[start] > 0) {
      const count = end - start;
      pixels += count;
      truths[truth[start]] += count;
      proposals[proposal[start]] += count;
      if (proposal[start] > 0) {
        const pair = truth[start] * width + proposal[start];
        both.set(pair, (both.get(pair) ?? 0) + count);
      }
    }
    start = end;
  }
  const alone = proposals[0]; // each an object of one pixel
  proposals[0] = 0;
  const squared = (counts: Iterable<number>) => sumOf(counts, (count) => count * count);
  const shareLog = (count: number) => (count / pixels) * Math.log(count / pixels);
  const informed = (counts: Iterable<number>) =>
    sumOf(counts, (count) => (count > 0 ? shareLog(count) : 0));
  const aloneInformation = alone > 0 ? alone * shareLog(1) : 0;
  return {
    pixels,
    squares: {
      truth: squared(truths),
      proposal: squared(proposals) + alone,
      both: squared(both.values()) + alone,
    },
    information: {
      truth: informed(truths),
      proposal: informed(proposals) + aloneInformation,
      both: informed(both.values()) + aloneInformation,
    },
  };
}

function sumOf(values: Iterable<number>, term: (value: number) => number): number {
  let sum = 0;
  for (const value of values) sum += term(value);
  return sum;
}

/**
 * Returns the foreground-restricted Rand score of several images together, weighted by pairs of
 * pixels.
 */
export function randScore(overlaps: readonly Overlap[]): Score {
  const total = (part: "truth" | "proposal" | "both") =>
    sumOf(
      overlaps.map(({ squares }) => squares[part]),
      (value) => value,
    );
  const [truth, proposal, both] = [total("truth"), total("proposal"), total("both")];
  return { precision: both / proposal, recall: both / truth, f: (2 * both) / (truth + proposal) };
}

/**
 * Returns the foreground-restricted information-theoretic score of one image: mutual information
 * divided by the entropy of the label (precision) and of the proposal (recall). Scikit-image's
 * variation of information also counts the background, and is in bits.
 */
export function informationScore({ information }: Overlap): Score {
  const { truth, proposal, both } = information;
  const mutual = both - truth - proposal;
  // A single object has no entropy: 0 apart from rounding.
  const hasNone = (sum: number) => -sum < 1e-12;
  const precision = hasNone(truth) ? 0 : hasNone(proposal) ? 1 : mutual / -truth;
  const recall = hasNone(truth) ? 1 : hasNone(proposal) ? 0 : mutual / -proposal;
  const sum = precision + recall;
  return { precision, recall, f: sum > 0 ? (2 * precision * recall) / sum : 0 };
}
