// Norms in 64 bits. A tensor is seen as [N, C, P], row-major (src/ops/norm/norm-sets.ts).

import type { Sets } from "../../ops/norm/norm-sets.js";

/** What a norm multiplies by and adds, per channel, and its activation. */
export interface NormReference {
  readonly gain?: ArrayLike<number> | undefined;
  readonly bias?: ArrayLike<number> | undefined;
  readonly epsilon?: number | undefined;
  /** What negative results are multiplied by: 1 without activation. */
  readonly slope?: number | undefined;
  /** Fixed statistics of each set, instead of those of x. */
  readonly fixed?: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> };
}

/** The set of each element. */
export function setsOf({ over, view: [n, c, p], groups }: Sets): number[] {
  return Array.from({ length: n * c * p }, (_, i) => {
    const [image, channel, place] = [Math.floor(i / (c * p)), Math.floor(i / p) % c, i % p];
    if (over === "batch") return channel;
    return over === "channels"
      ? image * p + place
      : image * groups + Math.floor(channel / (c / groups));
  });
}

/** Mean and biased variance of each set, and its number of elements. */
export function statisticsReference(x: ArrayLike<number>, sets: Sets) {
  const of = setsOf(sets);
  const length = Math.max(...of) + 1;
  const number = new Float64Array(length);
  const mean = new Float64Array(length);
  const variance = new Float64Array(length);
  for (const set of of) number[set]++;
  for (const [i, set] of of.entries()) mean[set] += x[i] / number[set];
  for (const [i, set] of of.entries()) variance[set] += (x[i] - mean[set]) ** 2 / number[set];
  return { mean, variance, number };
}

/** y = activation((x - mean) / sqrt(variance + epsilon) * gain + bias). */
export function normReference(
  x: ArrayLike<number>,
  sets: Sets,
  { gain, bias, epsilon = 1e-5, slope = 1, fixed }: NormReference = {},
): Float64Array {
  const [, c, p] = sets.view;
  const { mean, variance } = fixed ?? statisticsReference(x, sets);
  return Float64Array.from(setsOf(sets), (set, i) => {
    const channel = Math.floor(i / p) % c;
    const z = (x[i] - mean[set]) / Math.sqrt(variance[set] + epsilon);
    const v = z * (gain?.[channel] ?? 1) + (bias?.[channel] ?? 0);
    return v > 0 ? v : slope * v;
  });
}
