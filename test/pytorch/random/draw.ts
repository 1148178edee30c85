// Draws sizes and options, from a seed.

import { random } from "../../../src/data/random.js";
import type { Shape } from "../../../src/graph/tensor.js";

/** A source of random choices. */
export interface Draw {
  /** A whole number of [least, most]. */
  whole(least: number, most: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** [y, x], often equal. */
  pair(least: number, most: number): [number, number];
  /** A side of an image: sometimes 1 or 2, sometimes more than a block of 32 pixels. */
  side(least?: number): number;
  /** A shape of such a rank, of at most some thousand elements. */
  shape(rank: number): number[];
  /** Some of the numbers 0 to count - 1, in order, at least one. */
  some(count: number): number[];
  shuffled(count: number): number[];
  /** Numbers of [-1, 1), one time in five multiples of 1/8, many of them equal, if these are allowed. */
  values(count: number, allowsEqual: boolean): number[];
  /** A shape that broadcasts with the given one. */
  broadcast(shape: Shape): number[];
}

/** Choices that depend only on the numbers. */
export function drawFrom(...seeds: readonly [number, ...number[]]): Draw {
  const next = random(...seeds);
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const chance = (share: number) => next() < share;
  const pick = <T>(list: readonly T[]) => list[whole(0, list.length - 1)];
  const shuffled = (count: number) => {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const other = whole(0, i);
      [order[i], order[other]] = [order[other], order[i]];
    }
    return order;
  };
  return {
    whole,
    chance,
    pick,
    pair(least, most) {
      const y = whole(least, most);
      return [y, chance(0.5) ? y : whole(least, most)];
    },
    side: (least = 1) =>
      Math.max(least, chance(0.25) ? whole(1, 3) : chance(0.75) ? whole(4, 20) : whole(30, 70)),
    shape(rank) {
      const most = [2000, 50, 16, 12, 7, 5][rank - 1];
      return Array.from({ length: rank }, () => (chance(0.2) ? 1 : whole(1, most)));
    },
    some: (count) =>
      shuffled(count)
        .slice(0, whole(1, count))
        .sort((a, b) => a - b),
    shuffled,
    values(count, allowsEqual) {
      const of =
        allowsEqual && chance(0.2) ? () => whole(-8, 7) / 8 : () => Math.fround(2 * next() - 1);
      return Array.from({ length: count }, of);
    },
    broadcast(shape) {
      const kept = shape.slice(chance(0.3) ? whole(0, shape.length - 1) : 0);
      return kept.map((size) => (chance(0.4) ? 1 : size));
    },
  };
}
