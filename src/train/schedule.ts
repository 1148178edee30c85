// The learning rate over a run: a warm-up, then constant, in steps, or along a cosine. It is
// computed on the CPU and passed to each step, so that no plan depends on it.

import type { TrainingConfig } from "./training-types.js";

/** How the learning rate follows the run. */
export type ScheduleName = TrainingConfig["schedule"];

/** The settings that the learning rate follows from. */
export type Scheduled = Pick<
  TrainingConfig,
  "learningRate" | "schedule" | "warmup" | "decayEvery" | "decayFactor"
>;

/**
 * Returns the learning rate after `step` completed steps. During the first `warmup` steps it rises
 * linearly; that factor is multiplied by the schedule's: 1 for "constant", decayFactor^k after k
 * times `decayEvery` steps for "step", and (1 + cos(pi share)) / 2 for the two cosines (Loshchilov
 * and Hutter 2017, without restarts), where `share` is the completed share of the run, 0 to 1.
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
   * Returns the learning rate after `step` completed steps; `reservedMs` of the time budget are
   * kept for what follows the last step.
   */
  rate(step: number, reservedMs: number): number;
  /**
   * The share of the run that the last rate assumed to be complete: a checkpoint of "cosine-time"
   * stores it.
   */
  readonly share: number;
}

/** Creates a schedule from a function of the completed steps. Throws if it returns no rate. */
export function ownSchedule(rate: (step: number) => number, steps: number): Schedule {
  let done = 0;
  return {
    rate(step) {
      done = step / steps;
      const value = rate(step);
      if (Number.isFinite(value) && value >= 0) return value;
      throw new Error(
        `train: rate(${step}) must return a learning rate, a number from 0, got ${value}`,
      );
    },
    get share() {
      return done;
    },
  };
}

/**
 * Creates the schedule of a run that started at `startedMs` (`performance.now()`) after `first`
 * steps, when `share` of it was complete. "cosine-time" follows the time budget, or the steps if
 * they end sooner: it always ends near 0, and two runs with the same seed are not equal. The time
 * budget of a resumed run is for the rest of the cosine.
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

/** What to do about a training that diverged. */
export const lowerRate = ({ learningRate }: { readonly learningRate: number }): string =>
  `use a learning rate below ${learningRate}, such as ${Number((learningRate / 10).toPrecision(2))}`;
