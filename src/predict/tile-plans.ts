// The plans of a predictor, one per tile side. Images of varying sizes need many plans, so the
// least recently used are closed.

import type { Plan } from "../gpu/plan-run.js";
import type { Tensor } from "../graph/tensor.js";

/** A plan that predicts tiles of one size. */
export interface TilePlan {
  /** Reads the tile, writes the probabilities. */
  readonly plan: Plan;
  /** [tiles, classes, height, width] */
  readonly probabilities: Tensor;
}

export interface TilePlans {
  /** Returns the plan for a tile, which stays open until `release` is called. */
  take(tile: number): Promise<TilePlan>;
  release(tile: number): void;
  /** Closes all plans, including those that are being compiled. */
  close(): void;
}

/** Bytes of the plans to keep; the last one used is kept regardless of its size. */
const KEPT_BYTES = 2 ** 28;

interface Kept {
  readonly ready: Promise<TilePlan>;
  bytes: number;
  users: number;
}

export function tilePlans(compile: (tile: number) => Promise<TilePlan>): TilePlans {
  // the least recently used first
  const plans = new Map<number, Kept>();
  const drop = (tile: number, { ready }: Kept) => {
    plans.delete(tile);
    ready.then(({ plan }) => plan.close()).catch(() => {});
  };
  const tidy = () => {
    let bytes = [...plans.values()].reduce((sum, kept) => sum + kept.bytes, 0);
    const latest = [...plans.keys()].at(-1);
    for (const [tile, kept] of plans) {
      if (bytes <= KEPT_BYTES) return;
      if (kept.users > 0 || tile === latest) continue;
      bytes -= kept.bytes;
      drop(tile, kept);
    }
  };
  const open = (tile: number): Kept => {
    const kept: Kept = { ready: compile(tile), bytes: 0, users: 0 };
    kept.ready.then(
      ({ plan }) => {
        kept.bytes = plan.memory.totalBytes;
        tidy();
      },
      () => {
        // A failed plan may be tried again: memory may be free then.
        if (plans.get(tile) === kept) plans.delete(tile);
      },
    );
    return kept;
  };
  return {
    take(tile) {
      const kept = plans.get(tile) ?? open(tile);
      plans.delete(tile);
      plans.set(tile, kept);
      kept.users++;
      return kept.ready;
    },
    release(tile) {
      const kept = plans.get(tile);
      if (!kept) return;
      kept.users--;
      tidy();
    },
    close() {
      for (const [tile, kept] of plans) drop(tile, kept);
    },
  };
}
