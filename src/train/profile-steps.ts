// Profiles a run by timing some of its steps, dispatch by dispatch. Their results are those of
// normal steps, so the run stays the same to the bit.

import type { Device } from "../gpu/device.js";
import { measurePeak } from "../gpu/peak.js";
import { createProfile, type Profile } from "../gpu/profile.js";
import type { RunTimes } from "../gpu/timing.js";
import type { Trainer } from "./step.js";
import type { OwnBatch, TrainingConfig } from "./training-types.js";

/**
 * The number of normal steps before the first timed one, and of timed ones; half as many in a run
 * of few steps.
 */
const WARM_UP = 10;
const TIMED = 10;

export interface StepProfiler {
  /** Whether the next batch is to be timed; `done` steps are done. */
  isDue(done: number): boolean;
  /** Runs a batch; returns the profile after the last timed one. */
  step(batch: OwnBatch, learningRate: number): Promise<Profile | undefined>;
}

/**
 * Times steps of a run from the trainer's current step on. In a step of several batches only the
 * last is timed, which does everything that a step does.
 */
export function createStepProfiler(
  device: Device,
  trainer: Trainer,
  { steps, accumulate }: Pick<TrainingConfig, "steps" | "accumulate">,
): StepProfiler {
  const first = trainer.stepCount;
  const warmUp = Math.min(WARM_UP, Math.floor((steps - first) / 2));
  const end = Math.min(steps, first + warmUp + TIMED);
  const runs: RunTimes[] = [];
  let peakGflops = 0;
  const measure = async () => {
    peakGflops = Math.max(peakGflops, await measurePeak(device));
  };
  return {
    isDue(done) {
      const isLast = (trainer.batchCount + 1) % accumulate === 0;
      return isLast && done >= first + warmUp && done < end;
    },
    async step(batch, learningRate) {
      if (runs.length === 0) await measure();
      runs.push(await trainer.stepTimed(batch, learningRate));
      if (trainer.stepCount < end) return undefined;
      await measure();
      return createProfile(device, trainer.plan, runs, peakGflops);
    },
  };
}
