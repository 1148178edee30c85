// Lifetimes of tensors, and the orders in which memory is assigned to them (slots.ts,
// whole-slots.ts).

import type { Pausable } from "./pausable.js";

export interface Lifetime {
  readonly bytes: number;
  /** Index of the first dispatch that touches the tensor. */
  readonly from: number;
  /** Index of the last dispatch that touches it. */
  readonly to: number;
  /** Dispatches that write it. All others that touch it only read. */
  readonly writes?: readonly number[] | undefined;
  readonly reads?: readonly number[] | undefined;
}

/**
 * Returns the best of the plans that `place` makes for several orders of the lifetimes. Fewer
 * orders are tried for large plans, depending on the number of tensors and never on time, so that a
 * graph always gets the same plan.
 */
export function* bestOrder<P extends { readonly totalBytes: number }>(
  lifetimes: readonly Lifetime[],
  place: (order: readonly number[]) => Pausable<P>,
): Pausable<P> {
  const indices = lifetimes.map((_, i) => i);
  const span = ({ from, to }: Lifetime) => to - from;
  const { at: peak, bytes: least } = peakOf(lifetimes);
  const atPeak = ({ from, to }: Lifetime) => Number(from <= peak && peak <= to);
  const orders: ((a: Lifetime, b: Lifetime) => number)[] = [
    (a, b) => b.bytes - a.bytes || span(b) - span(a),
    (a, b) => span(b) - span(a) || b.bytes - a.bytes,
    (a, b) => b.bytes * (span(b) + 1) - a.bytes * (span(a) + 1),
    (a, b) => a.from - b.from || b.bytes - a.bytes,
    (a, b) => atPeak(b) - atPeak(a) || b.bytes - a.bytes,
    (a, b) => atPeak(b) - atPeak(a) || span(b) - span(a),
  ];
  const sorted = (compare: (typeof orders)[number]) =>
    [...indices].sort((a, b) => compare(lifetimes[a], lifetimes[b]) || a - b);
  const attempt = function* (order: readonly number[]) {
    return { order, plan: yield* place(order) };
  };
  let best = yield* attempt(sorted(orders[0]));
  for (const compare of orders.slice(1)) {
    if (best.plan.totalBytes === least) break;
    const tried = yield* attempt(sorted(compare));
    if (tried.plan.totalBytes < best.plan.totalBytes) best = tried;
  }
  // Tensors that come late find gaps that do not fit, so each tensor is tried once as the first.
  const rounds = Math.min(REFINEMENTS, Math.floor(COMPARISONS / indices.length ** 2));
  for (let round = 0; round < rounds && best.plan.totalBytes > least; round++) {
    const moved = best.order[round % best.order.length];
    const tried = yield* attempt([moved, ...best.order.filter((i) => i !== moved)]);
    if (tried.plan.totalBytes < best.plan.totalBytes) best = tried;
  }
  return best.plan;
}

/** Further orders that are tried for a plan of the size of a U-Net's. */
const REFINEMENTS = 100;

/** Limits the work for larger plans: pairs of tensors to compare, about a tenth of a second. */
const COMPARISONS = 2.5e7;

/** Returns the largest number of bytes alive at one dispatch, the lower bound for any plan. */
export function livePeak(lifetimes: readonly Lifetime[]): number {
  return peakOf(lifetimes).bytes;
}

/** Returns the dispatch at which the most bytes are alive, and how many. */
export function peakOf(lifetimes: readonly Lifetime[]): { bytes: number; at: number } {
  const changes = new Map<number, number>();
  for (const { bytes, from, to } of lifetimes) {
    changes.set(from, (changes.get(from) ?? 0) + bytes);
    changes.set(to + 1, (changes.get(to + 1) ?? 0) - bytes);
  }
  let alive = 0;
  let peak = { bytes: 0, at: 0 };
  for (const [at, change] of [...changes].sort(([a], [b]) => a - b)) {
    alive += change;
    if (alive > peak.bytes) peak = { bytes: alive, at };
  }
  return peak;
}
