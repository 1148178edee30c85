// Which tensors may share memory. A slot is a buffer that holds one tensor at a time: one buffer
// cannot be bound for reading and for writing in one dispatch, so slots are not ranges of an arena.

export interface Lifetime {
  readonly bytes: number;
  /** Index of the first step that touches the tensor (its writer). */
  readonly from: number;
  /** Index of the last step that touches it. */
  readonly to: number;
}

export interface SlotPlan {
  /** The slot of each lifetime, by its index. */
  readonly slots: readonly number[];
  /** The size of each slot. */
  readonly slotBytes: readonly number[];
  readonly totalBytes: number;
}

/**
 * Gives each lifetime a slot, so that no two that overlap share one.
 *
 * Greedy by size: the largest tensor first, into the slot whose size fits best among those free
 * during its life. As sizes only fall, a slot keeps the size of its first tensor. Where bytes alone
 * do not decide (textures), `fits` says whether a later tensor fits into the place of the first.
 */
export function planSlots<L extends Lifetime>(
  lifetimes: readonly L[],
  fits: (first: L, later: L) => boolean = () => true,
): SlotPlan {
  const bySize = lifetimes
    .map((_, i) => i)
    .sort((a, b) => lifetimes[b].bytes - lifetimes[a].bytes || a - b);
  const slots = new Array<number>(lifetimes.length);
  const slotBytes: number[] = [];
  const tenants: L[][] = [];
  for (const i of bySize) {
    const life = lifetimes[i];
    let best = -1;
    for (const [slot, others] of tenants.entries()) {
      const free = others.every((other) => other.to < life.from || life.to < other.from);
      if (!free || !fits(others[0], life)) continue;
      if (best < 0 || slotBytes[slot] < slotBytes[best]) best = slot;
    }
    if (best < 0) {
      best = tenants.length;
      tenants.push([]);
      slotBytes.push(life.bytes);
    }
    tenants[best].push(life);
    slots[i] = best;
  }
  return { slots, slotBytes, totalBytes: slotBytes.reduce((sum, bytes) => sum + bytes, 0) };
}

/** The largest number of bytes alive at one step: no plan can need less. */
export function livePeak(lifetimes: readonly Lifetime[]): number {
  const changes = new Map<number, number>();
  for (const { bytes, from, to } of lifetimes) {
    changes.set(from, (changes.get(from) ?? 0) + bytes);
    changes.set(to + 1, (changes.get(to + 1) ?? 0) - bytes);
  }
  let alive = 0;
  let peak = 0;
  for (const [, change] of [...changes].sort(([a], [b]) => a - b)) {
    alive += change;
    peak = Math.max(peak, alive);
  }
  return peak;
}
