// Which tensors may share a texture: one after the other, since tenants lie in its corner.

import type { Pausable } from "./pausable.js";
import { bestOrder, type Lifetime } from "./place-tensors.js";

export interface WholeSlotPlan<Size> {
  /** The slot of each lifetime, by its index. */
  readonly slots: readonly number[];
  /** The size of each slot. */
  readonly sizes: readonly Size[];
  readonly totalBytes: number;
}

/** How large a slot is. */
export interface SlotSizes<L, Size> {
  /** The size of a slot for a life and the tenants of a slot of another size; for the life only. */
  join(life: L, size?: Size): Size;
  bytes(size: Size): number;
}

/**
 * Gives each lifetime a whole slot, shared only one after the other: for textures, whose tenants lie
 * in a corner of two dimensions.
 *
 * Greedy, in several orders, of which the best result is kept: into the free slot that grows least,
 * if that is less than a slot of its own.
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
      // Of slots that need not grow, the smallest: larger tensors may still come.
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
