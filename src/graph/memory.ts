// Which tensors may share memory. A slot is one buffer; tensors share it one after the other, and
// small ones side by side. What a slot must respect beyond lifetimes: a buffer cannot be bound for
// reading and for writing in one dispatch, not even in disjoint ranges.

export interface Lifetime {
  readonly bytes: number;
  /** Index of the first dispatch that touches the tensor. */
  readonly from: number;
  /** Index of the last dispatch that touches it. */
  readonly to: number;
  /** Dispatches that write it; every other one that touches it reads. */
  readonly writes?: readonly number[];
  readonly reads?: readonly number[];
}

export interface SlotPlan {
  /** The slot of each lifetime, by its index. */
  readonly slots: readonly number[];
  /** Where in its slot each lifetime begins, in bytes, a multiple of `OFFSET_ALIGNMENT`. */
  readonly offsets: readonly number[];
  /** The size of each slot. */
  readonly slotBytes: readonly number[];
  readonly totalBytes: number;
}

/** A storage buffer is bound at multiples of this (`minStorageBufferOffsetAlignment`). */
export const OFFSET_ALIGNMENT = 256;

/**
 * Gives each lifetime a range of a slot, so that no two that are alive together overlap.
 *
 * Greedy, in several orders, of which the best result is kept: each tensor goes where the gap that
 * it leaves is smallest among the slots that have room during its life, or opens a slot of its own.
 */
export function planSlots(lifetimes: readonly Lifetime[]): SlotPlan {
  return bestOrder(lifetimes, (order) => place(lifetimes, order));
}

/** The best of the plans that `place` makes of the lifetimes in several orders. */
function bestOrder<P extends { readonly totalBytes: number }>(
  lifetimes: readonly Lifetime[],
  place: (order: readonly number[]) => P,
): P {
  const indices = lifetimes.map((_, i) => i);
  const span = ({ from, to }: Lifetime) => to - from;
  const peak = peakOf(lifetimes).at;
  const atPeak = ({ from, to }: Lifetime) => Number(from <= peak && peak <= to);
  const orders: ((a: Lifetime, b: Lifetime) => number)[] = [
    (a, b) => b.bytes - a.bytes || span(b) - span(a),
    (a, b) => span(b) - span(a) || b.bytes - a.bytes,
    (a, b) => b.bytes * (span(b) + 1) - a.bytes * (span(a) + 1),
    (a, b) => a.from - b.from || b.bytes - a.bytes,
    (a, b) => atPeak(b) - atPeak(a) || b.bytes - a.bytes,
    (a, b) => atPeak(b) - atPeak(a) || span(b) - span(a),
  ];
  const tries = orders.map((order) => {
    const sorted = [...indices].sort((a, b) => order(lifetimes[a], lifetimes[b]) || a - b);
    return { order: sorted, plan: place(sorted) };
  });
  let best = tries.reduce((a, b) => (b.plan.totalBytes < a.plan.totalBytes ? b : a));
  const least = livePeak(lifetimes);
  // What comes late finds gaps that do not fit: each tensor is tried as the first once.
  for (let round = 0; round < REFINEMENTS && best.plan.totalBytes > least; round++) {
    const moved = best.order[round % best.order.length];
    const order = [moved, ...best.order.filter((i) => i !== moved)];
    const plan = place(order);
    if (plan.totalBytes < best.plan.totalBytes) best = { order, plan };
  }
  return best.plan;
}

/** Further orders that are tried: a fraction of a second for the paper's network. */
const REFINEMENTS = 100;

interface Tenant {
  readonly life: Lifetime;
  readonly offset: number;
}

function place(lifetimes: readonly Lifetime[], order: readonly number[]): SlotPlan {
  const slots = new Array<number>(lifetimes.length);
  const offsets = new Array<number>(lifetimes.length);
  const slotBytes: number[] = [];
  const tenants: Tenant[][] = [];
  for (const i of order) {
    const life = lifetimes[i];
    let best: { slot: number; offset: number; waste: number } | undefined;
    for (const [slot, others] of tenants.entries()) {
      if (others.some((other) => conflict(other.life, life))) continue;
      const gap = smallestGap(others, life, slotBytes[slot]);
      if (gap && (!best || gap.waste < best.waste)) best = { slot, ...gap };
    }
    const grown = roomByGrowing(tenants, slotBytes, life);
    if (!best && grown) best = grown;
    if (!best) {
      best = { slot: tenants.length, offset: 0, waste: 0 };
      tenants.push([]);
      slotBytes.push(life.bytes);
    }
    slotBytes[best.slot] = Math.max(slotBytes[best.slot], best.offset + life.bytes);
    tenants[best.slot].push({ life, offset: best.offset });
    slots[i] = best.slot;
    offsets[i] = best.offset;
  }
  const totalBytes = slotBytes.reduce((sum, bytes) => sum + bytes, 0);
  return { slots, offsets, slotBytes, totalBytes };
}

/** The slot that needs the least growth to take a tensor, if that is less than a slot of its own. */
function roomByGrowing(
  tenants: readonly (readonly Tenant[])[],
  slotBytes: readonly number[],
  life: Lifetime,
): { slot: number; offset: number; waste: number } | undefined {
  let best: { slot: number; offset: number; waste: number } | undefined;
  for (const [slot, others] of tenants.entries()) {
    if (others.some((other) => conflict(other.life, life))) continue;
    const gap = smallestGap(others, life, Infinity);
    const waste = gap ? gap.offset + life.bytes - slotBytes[slot] : Infinity;
    if (gap && waste < life.bytes && (!best || waste < best.waste)) {
      best = { slot, offset: gap.offset, waste };
    }
  }
  return best;
}

/** Whether one is written in a dispatch that reads the other. */
function conflict(a: Lifetime, b: Lifetime): boolean {
  if (a.to < b.from || b.to < a.from) return false;
  const meets = (writes: readonly number[] = [], reads: readonly number[] = []) =>
    writes.some((dispatch) => reads.includes(dispatch));
  return meets(a.writes, b.reads) || meets(b.writes, a.reads);
}

/** The tightest free range of a slot during a life, or undefined. */
function smallestGap(
  tenants: readonly Tenant[],
  life: Lifetime,
  slotBytes: number,
): { offset: number; waste: number } | undefined {
  const alive = tenants
    .filter((other) => other.life.to >= life.from && life.to >= other.life.from)
    .sort((a, b) => a.offset - b.offset);
  let best: { offset: number; waste: number } | undefined;
  let start = 0;
  const consider = (end: number) => {
    const waste = end - start - life.bytes;
    if (waste >= 0 && (!best || waste < best.waste)) best = { offset: start, waste };
  };
  for (const other of alive) {
    consider(other.offset);
    const end = other.offset + other.life.bytes;
    start = Math.max(start, Math.ceil(end / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT);
  }
  consider(slotBytes);
  return best;
}

export type WholeSlotPlan = Pick<SlotPlan, "slots" | "totalBytes"> & { readonly slotCount: number };

/**
 * Gives each lifetime a whole slot, shared only one after the other: for textures, whose tenants lie
 * in a corner of two dimensions. `bytesOf` tells how large a slot for given tenants is.
 *
 * Greedy, in several orders, of which the best result is kept: into the free slot that grows least,
 * where that is less than a slot of its own.
 */
export function planWholeSlots<L extends Lifetime>(
  lifetimes: readonly L[],
  bytesOf: (tenants: readonly L[]) => number,
): WholeSlotPlan {
  return bestOrder(lifetimes, (order) => {
    const slots = new Array<number>(lifetimes.length);
    const tenants: L[][] = [];
    const sizes: number[] = [];
    for (const i of order) {
      const life = lifetimes[i];
      let best = { slot: tenants.length, bytes: life.bytes, growth: life.bytes };
      for (const [slot, others] of tenants.entries()) {
        if (others.some((other) => other.to >= life.from && life.to >= other.from)) continue;
        const bytes = bytesOf([...others, life]);
        const growth = bytes - sizes[slot];
        // Of slots that need not grow, the smallest: larger tensors may still come.
        const isBetter = growth < best.growth || (growth === best.growth && bytes < best.bytes);
        if (isBetter) best = { slot, bytes, growth };
      }
      tenants[best.slot] = [...(tenants[best.slot] ?? []), life];
      sizes[best.slot] = best.bytes;
      slots[i] = best.slot;
    }
    const totalBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    return { slots, slotCount: tenants.length, totalBytes };
  });
}

/** The largest number of bytes alive at one dispatch: no plan can need less. */
export function livePeak(lifetimes: readonly Lifetime[]): number {
  return peakOf(lifetimes).bytes;
}

/** The dispatch at which the most bytes are alive, and how many. */
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
