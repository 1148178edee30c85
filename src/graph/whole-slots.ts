// Which textures are shared. Tensors share one only one after the other, since each occupies a
// corner of it.

import type { Pausable } from "./pausable.js";
import { bestOrder, type Lifetime } from "./place-tensors.js";

export interface WholeSlotPlan<Size> {
  /** The slot of each lifetime, by its index. */
  readonly slots: readonly number[];
  /** The size of each slot. */
  readonly sizes: readonly Size[];
  readonly totalBytes: number;
}

/** Functions for the sizes of slots. */
export interface SlotSizes<L, Size> {
  /**
   * Returns the size of a slot of size `size` after `life` is added; without `size`, the size for
   * `life` only.
   */
  join(life: L, size?: Size): Size;
  bytes(size: Size): number;
}

/**
 * Assigns each lifetime a whole slot, for textures. Tensors share a slot only one after the other,
 * since each occupies a two-dimensional corner of it.
 *
 * Greedy, in several orders, keeping the best result: each goes into the free slot that grows
 * least, if that is less than a new slot.
 */
export function planWholeSlots<L extends Lifetime, Size>(
  lifetimes: readonly L[],
  sizes: SlotSizes<L, Size>,
): Pausable<WholeSlotPlan<Size>> {
  return bestOrder(lifetimes, (order) => place(lifetimes, order, sizes));
}

function* place<L extends Lifetime, Size>(
  lifetimes: readonly L[],
  order: readonly number[],
  { join, bytes: bytesOf }: SlotSizes<L, Size>,
): Pausable<WholeSlotPlan<Size>> {
  const slots = new Array<number>(lifetimes.length);
  const taken: { tenants: L[]; size: Size; bytes: number }[] = [];
  for (const i of order) {
    const life = lifetimes[i];
    const { from, to } = life;
    const size = join(life);
    const bytes = bytesOf(size);
    let best = { slot: taken.length, size, bytes, growth: bytes };
    for (const [slot, old] of taken.entries()) {
      if (old.tenants.some((other) => other.to >= from && to >= other.from)) continue;
      const size = join(life, old.size);
      const bytes = bytesOf(size);
      const growth = bytes - old.bytes;
      // Among slots that need not grow, take the smallest: larger tensors may still come.
      const isBetter = growth < best.growth || (growth === best.growth && bytes < best.bytes);
      if (isBetter) best = { slot, size, bytes, growth };
    }
    const tenants = taken[best.slot]?.tenants ?? [];
    tenants.push(life);
    taken[best.slot] = { tenants, size: best.size, bytes: best.bytes };
    slots[i] = best.slot;
    yield;
  }
  const totalBytes = taken.reduce((sum, { bytes }) => sum + bytes, 0);
  return { slots, sizes: taken.map(({ size }) => size), totalBytes };
}
