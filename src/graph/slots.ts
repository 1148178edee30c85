// Which tensors share memory. A slot is one buffer; tensors share it one after the other, and small
// ones next to each other. Lifetimes are not the only constraint: a buffer cannot be bound for
// reading and for writing in one dispatch, not even in disjoint ranges.

import type { Pausable } from "./pausable.js";
import { bestOrder, type Lifetime } from "./place-tensors.js";

export interface SlotPlan {
  /** The slot of each lifetime, by its index. */
  readonly slots: readonly number[];
  /** The byte offset of each lifetime in its slot, a multiple of `OFFSET_ALIGNMENT`. */
  readonly offsets: readonly number[];
  /** The size of each slot. */
  readonly slotBytes: readonly number[];
  readonly totalBytes: number;
}

/** Storage buffers are bound at multiples of this (`minStorageBufferOffsetAlignment`). */
export const OFFSET_ALIGNMENT = 256;

/**
 * Assigns each lifetime a range of a slot so that no two that are alive at the same time overlap.
 *
 * Greedy, in several orders, keeping the best result: each tensor goes where it leaves the smallest
 * gap among the slots that have room during its life, else into the slot that has to grow least, if
 * that is less than a new slot.
 */
export function* planSlots(lifetimes: readonly Lifetime[]): Pausable<SlotPlan> {
  const lives: Lives = {
    count: lifetimes.length,
    from: Int32Array.from(lifetimes, ({ from }) => from),
    to: Int32Array.from(lifetimes, ({ to }) => to),
    bytes: Float64Array.from(lifetimes, ({ bytes }) => bytes),
    conflicts: yield* conflictsOf(lifetimes),
  };
  return yield* bestOrder(lifetimes, (order) => place(lives, order));
}

/** Lifetimes by index. Most of the planning time is spent searching them. */
interface Lives {
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly bytes: Float64Array;
  /** For each lifetime, those with which it must not share a slot. */
  readonly conflicts: readonly (readonly number[])[];
}

/** A range of a slot, and the bytes of the gap that it leaves; negative if the slot must grow. */
interface Room {
  readonly slot: number;
  readonly offset: number;
  readonly left: number;
}

function* place(lives: Lives, order: readonly number[]): Pausable<SlotPlan> {
  const slots = new Array<number>(lives.count);
  const offsets = new Float64Array(lives.count);
  const slotBytes: number[] = [];
  /** For each slot: the lifetimes in it, ordered by offset. */
  const tenants: number[][] = [];
  /** For each slot: the last lifetime found to conflict with one in it. */
  const closed: number[] = [];
  for (const i of order) {
    for (const other of lives.conflicts[i]) {
      if (slots[other] !== undefined) closed[slots[other]] = i;
    }
    let best: Room = { slot: tenants.length, offset: 0, left: -lives.bytes[i] };
    for (let slot = 0; slot < tenants.length; slot++) {
      if (closed[slot] === i) continue;
      best = betterRoom(lives, tenants[slot], offsets, i, slotBytes[slot], slot, best);
    }
    const { slot, offset } = best;
    const others = slot < tenants.length ? tenants[slot] : [];
    tenants[slot] = others;
    slotBytes[slot] = Math.max(slotBytes[slot] ?? 0, offset + lives.bytes[i]);
    slots[i] = slot;
    offsets[i] = offset;
    const next = others.findIndex((other) => offsets[other] > offset);
    others.splice(next < 0 ? others.length : next, 0, i);
    yield;
  }
  const totalBytes = slotBytes.reduce((sum, bytes) => sum + bytes, 0);
  return { slots, offsets: [...offsets], slotBytes, totalBytes };
}

/** Returns the better of a room and the free ranges of another slot during a lifetime. */
function betterRoom(
  { from, to, bytes }: Lives,
  tenants: readonly number[],
  offsets: Float64Array,
  life: number,
  slotBytes: number,
  slot: number,
  best: Room,
): Room {
  const begin = from[life];
  const end = to[life];
  const needed = bytes[life];
  let start = 0;
  for (const other of tenants) {
    if (to[other] < begin || end < from[other]) continue;
    const left = offsets[other] - start - needed;
    if (left >= 0 && isBetter(left, best.left)) best = { slot, offset: start, left };
    const after = offsets[other] + bytes[other];
    start = Math.max(start, Math.ceil(after / OFFSET_ALIGNMENT) * OFFSET_ALIGNMENT);
  }
  const left = slotBytes - start - needed;
  return isBetter(left, best.left) ? { slot, offset: start, left } : best;
}

/**
 * Any gap is better than growth; the smaller of two gaps and the smaller of two growths is better.
 */
const isBetter = (a: number, b: number) => (a >= 0 && b >= 0 ? a < b : a > b);

/**
 * Returns for each lifetime those that are written in a dispatch that reads it, or read in one that
 * writes it.
 */
function* conflictsOf(lifetimes: readonly Lifetime[]): Pausable<number[][]> {
  const writers = new Map<number, number[]>();
  const readers = new Map<number, number[]>();
  for (const [i, { writes = [], reads = [] }] of lifetimes.entries()) {
    for (const step of writes) note(writers, step, i);
    for (const step of reads) note(readers, step, i);
    yield;
  }
  const conflicts: number[][] = [];
  for (const { writes = [], reads = [] } of lifetimes) {
    const found: number[] = [];
    for (const step of writes) found.push(...(readers.get(step) ?? []));
    for (const step of reads) found.push(...(writers.get(step) ?? []));
    conflicts.push(found);
    yield;
  }
  return conflicts;
}

function note(lives: Map<number, number[]>, step: number, life: number): void {
  const noted = lives.get(step);
  if (noted) noted.push(life);
  else lives.set(step, [life]);
}
