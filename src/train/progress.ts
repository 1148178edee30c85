// What a run reports while it trains: losses, speed, remaining time; and divergence.

import { lowerRate } from "./schedule.js";
import type { Trainer } from "./step.js";
import { LOSS_HISTORY } from "./trainer-states.js";
import type { StepLoss, TrainingConfig, TrainingListener } from "./training-types.js";

/** Milliseconds between two reads of the losses: a read waits for the GPU. */
const REPORT_MS = 1000;

/**
 * A loss above this, or one that is not a number, ends a run. NaN is not a sufficient test: a ReLU
 * turns it into 0, and a network of dead units continues with biases of any size.
 */
const DIVERGED_LOSS = 1e4;

/** What the progress is computed from. */
export interface ProgressRun {
  readonly config: TrainingConfig;
  readonly trainer: Trainer;
  readonly options: TrainingListener & StepLoss;
  /** When the run began, on the clock of `performance.now()`. */
  readonly startedMs: number;
}

export interface Progress {
  isDue(step: number): boolean;
  report(): Promise<void>;
  /** Adds time that was spent waiting for batches. */
  waited(ms: number): void;
  /** Called after a pause, which must not count in the images per second. */
  resume(): void;
  /**
   * Called after the first step, in which drivers compile: speed and remaining time count from
   * here.
   */
  restart(): void;
}

/** Reads the losses from time to time and reports them. */
export function createProgress(run: ProgressRun): Progress {
  const { trainer, config, options } = run;
  // A loss of the caller's may have any scale.
  const mostLoss = options.loss ? Number.MAX_VALUE : DIVERGED_LOSS;
  let startMs = performance.now();
  let startStep = trainer.stepCount;
  let reportedStep = startStep;
  let reportedMs = startMs;
  let waitedMs = 0;
  return {
    isDue(step) {
      const waited = performance.now() - reportedMs;
      return waited >= REPORT_MS || step - reportedStep >= LOSS_HISTORY / 2;
    },
    waited(ms) {
      waitedMs += ms;
    },
    resume() {
      reportedMs = performance.now();
    },
    restart() {
      startMs = reportedMs = performance.now();
      startStep = reportedStep = trainer.stepCount;
    },
    async report() {
      const losses = await trainer.losses();
      if (losses.length === 0) return;
      const now = performance.now();
      for (const figures of losses) {
        const { step, loss } = figures;
        if (!(Math.abs(loss) <= mostLoss)) {
          throw new Error(
            `the loss became ${loss} at step ${step}: training diverged; ${lowerRate(config)}`,
          );
        }
        await options.onEvent?.({ type: "step", ...figures });
      }
      const { step } = losses[losses.length - 1];
      const scaling = await trainer.lossScale();
      if (scaling && scaling.scale < 1) {
        throw new Error(
          `16 bits overflow at any loss scale: ${scaling.skippedSteps} steps were skipped by step ${step}; use precision f32`,
        );
      }
      const stepMs = (now - startMs) / (step - startStep);
      const bySteps = (config.steps - step) * stepMs;
      const byTime = (config.maxMinutes ?? Infinity) * 60_000 - (now - run.startedMs);
      await options.onEvent?.({
        type: "progress",
        step,
        steps: config.steps,
        loss: losses.reduce((sum, { loss }) => sum + loss, 0) / losses.length,
        imagesPerSecond:
          ((step - reportedStep) * config.accumulate * config.batch * 1000) / (now - reportedMs),
        waitMs: waitedMs / losses.length,
        remainingMs: Math.max(0, Math.min(bySteps, byTime)),
        ...(scaling && { lossScale: scaling.scale, skippedSteps: scaling.skippedSteps }),
      });
      reportedStep = step;
      reportedMs = now;
      waitedMs = 0;
    },
  };
}
