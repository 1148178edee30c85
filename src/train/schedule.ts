// The learning rate over a run: a warm-up, then constant, in steps, or along a cosine. It is computed
// on the host and handed to each step, so that no plan depends on it.

import type { TrainingConfig } from "./training-types.js";

export type ScheduleName = TrainingConfig["schedule"];

export type Scheduled = Pick<
  TrainingConfig,
  "learningRate" | "schedule" | "warmup" | "decayEvery" | "decayFactor"
>;

/**
 * The learning rate of the step behind `step` steps. During the first `warmup` steps it rises in a
 * line; that factor is multiplied with the schedule's: 1 for "constant", decayFactor^k after k times
 * `decayEvery` steps for "step", and (1 + cos(pi share)) / 2 for the two cosines (Loshchilov and
 * Hutter 2017, without restarts), where `share` of the run is done, 0 to 1.
 */
export function learningRateAt(config: Scheduled, step: number, share: number): number {
  const { learningRate, schedule, warmup, decayEvery, decayFactor } = config;
  const rise = Math.min(1, (step + 1) / Math.max(1, warmup));
  if (schedule === "constant") return learningRate * rise;
  if (schedule === "step") {
    return learningRate * rise * decayFactor ** Math.floor(step / decayEvery);
  }
  return (learningRate * rise * (1 + Math.cos(Math.PI * share))) / 2;
}

export interface Schedule {
  /**
   * The learning rate of the step behind `step` steps; `reservedMs` of the time budget are for what
   * follows the last step.
   */
  rate(step: number, reservedMs: number): number;
  /** Of the run, what the last rate took as done: a checkpoint of "cosine-time" keeps it. */
  readonly share: number;
}

/**
 * The schedule of a run that began at `startedMs` (`performance.now()`) behind `first` steps, when
 * `share` of it was done. "cosine-time" follows the time budget, or the steps where they come to
 * their end sooner: it always ends near 0, and two runs with one seed are not equal. The time budget
 * of a run that goes on is for what is left of the cosine.
 */
export function createSchedule(
  config: Scheduled & Pick<TrainingConfig, "steps" | "maxMinutes">,
  startedMs: number,
  first: number,
  share = first / config.steps,
): Schedule {
  const { steps, maxMinutes = Infinity } = config;
  let done = share;
  return {
    rate(step, reservedMs) {
      if (config.schedule === "cosine-time") {
        const spentMs = performance.now() - startedMs + reservedMs;
        const bySteps = (step - first) / (steps - first);
        const rest = Math.min(1, Math.max(bySteps, spentMs / (maxMinutes * 60_000)));
        done = Math.max(done, share + (1 - share) * rest);
      } else done = step / steps;
      return learningRateAt(config, step, done);
    },
    get share() {
      return done;
    },
  };
}
