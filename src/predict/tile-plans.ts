// The plans of a predictor, one for each side of a tile. Images of changing sizes want many: those that
// were not used for longest are closed.

import type { Plan } from "../gpu/plan-run.js";
import type { Tensor } from "../graph/tensor.js";

export interface TilePlan {
  readonly plan: Plan;
  readonly probabilities: Tensor;
}

export interface TilePlans {
  /** The plan for a tile, which stays open until it is given back by `release`. */
  take(tile: number): Promise<TilePlan>;
  release(tile: number): void;
  /** Closes all of them, also those that are compiled now. */
  close(): void;
}

/** Bytes of the plans that are kept for later; the last one used is kept whatever it takes. */
const KEPT_BYTES = 2 ** 28;

interface Kept {
  readonly ready: Promise<TilePlan>;
  bytes: number;
  users: number;
}

export function tilePlans(compile: (tile: number) => Promise<TilePlan>): TilePlans {
  // The least recently used comes first.
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
        // What failed may be tried again: memory may be free then.
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
