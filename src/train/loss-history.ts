// The losses of the last steps: the GPU keeps them in a ring buffer, which is read from time to
// time.

import type { State } from "../gpu/state.js";
import { LOSS_HISTORY } from "./trainer-states.js";

/** The figures of one step: the number of steps done including it, and the loss of its batches. */
export interface StepFigures {
  /** Steps done. */
  readonly step: number;
  /** Loss of the step's batches. */
  readonly loss: number;
  /** The learning rate of the step. */
  readonly learningRate: number;
}

export interface LossHistory {
  /** Records the learning rate of the step after `done` steps. */
  note(done: number, learningRate: number): void;
  /**
   * Returns the figures of the steps up to `end` that no earlier call returned. If the ring buffer
   * has lost some of them, this throws once, and the next call returns the rest.
   */
  read(end: number): Promise<StepFigures[]>;
  /** Marks the steps up to `end` as read. */
  restart(end: number): void;
}

export function createLossHistory(ring: State): LossHistory {
  const rates = new Float64Array(LOSS_HISTORY);
  let isRead = 0;
  return {
    note(done, learningRate) {
      rates[done % LOSS_HISTORY] = learningRate;
    },
    async read(end) {
      const first = Math.max(isRead, end - LOSS_HISTORY);
      const lost = isRead;
      isRead = first;
      if (lost < first) {
        throw new Error(
          `the losses of steps ${lost + 1} to ${first} are gone: the GPU keeps those of the last ` +
            `${LOSS_HISTORY} steps, which the next call gives; call losses() at least that often`,
        );
      }
      isRead = end;
      const history = await ring.read();
      return Array.from({ length: end - first }, (_, i) => ({
        step: first + i + 1,
        loss: history[(first + i) % LOSS_HISTORY],
        learningRate: rates[(first + i) % LOSS_HISTORY],
      }));
    },
    restart(end) {
      isRead = end;
    },
  };
}
