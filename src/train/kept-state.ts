// The newest state of a run in host memory: what it goes on from if the GPU is lost, and what is saved
// if the run fails.

import type { Device } from "../gpu/device.js";
import type { TrainOptions } from "./run-options.js";
import type { Checkpoint, TrainingEvent, TrainingListener } from "./training-types.js";

/** Milliseconds after which a run reads its state again. If that takes long, it waits for longer. */
export const KEEP_MS = 10_000;

/** The time of a read is at most this share of the training before it. */
export const KEEP_SHARE = 1 / 100;

export interface Kept {
  /** `isHanded`: whether the caller has the checkpoint. */
  keep(checkpoint: Checkpoint, isHanded: boolean): void;
  /** The options of a run that goes on from what is kept. */
  continued(options: TrainOptions): TrainOptions;
  /** Passes on what the caller does not have, as a last checkpoint. Never rejects. */
  handOver(): Promise<void>;
}

export function createKept(device: Device, { onCheckpoint }: TrainOptions): Kept {
  let kept: Checkpoint | undefined;
  let isKnown = true;
  return {
    keep(checkpoint, isHanded) {
      // Who was handed the arrays may have passed them on to another thread.
      const isWhole = [...checkpoint.tensors.values()].every(({ data }) => data.length > 0);
      if (!device.isRenewable || !isWhole) return;
      kept = checkpoint;
      isKnown = isHanded;
    },
    continued(options) {
      return kept ? { ...options, resume: kept, from: undefined } : options;
    },
    async handOver() {
      if (!kept || isKnown) return;
      try {
        await onCheckpoint?.("last", kept);
      } catch {
        // The error that ended the run is the one to report.
      }
    },
  };
}

/** Passes on the events of each step once, though steps are done again after a loss. */
export function onceEach(onEvent: TrainingListener["onEvent"]): TrainingListener["onEvent"] {
  if (!onEvent) return undefined;
  const newest = new Map<TrainingEvent["type"], number>();
  return async (event) => {
    const { type } = event;
    if (type !== "lost" && type !== "end") {
      const before = newest.get(type);
      if (before !== undefined && (type === "start" || event.step <= before)) return;
      newest.set(type, event.step);
    }
    await onEvent(event);
  };
}
