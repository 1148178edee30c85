// What `train` is given. Types only.

import type { Sample } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { SampleFile } from "../data/survey.js";
import type { Task } from "../data/task.js";
import type { OpenBatches } from "./batches.js";
import type { Checkpoint, TrainingListener } from "./training-types.js";

/** Samples in memory, and such as are read from their files when their turn comes. */
export interface TrainingData {
  readonly training: readonly (Sample | SampleFile)[];
  /** Held-out images; without any there are no validations and no best checkpoint. */
  readonly validation: readonly (Sample | SampleFile)[];
}

export interface TrainOptions extends TrainingListener {
  /** When it aborts, the loop ends after the step in flight and hands over the last checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** The last checkpoint of a run to go on with: model and training are that run's. */
  readonly resume?: Checkpoint | undefined;
  /**
   * A checkpoint whose weights the run starts from (fine-tune.ts), a best one too. The run is a new
   * one: step 0, a fresh optimiser. The model has the checkpoint's architecture and own fields; other
   * classes or channels get new last or first layers, named in the event "start".
   */
  readonly from?: Checkpoint | undefined;
  /**
   * How images are normalised, in training and by the checkpoint: as `resume` or `from` say, else each image
   * by its own mean and deviation.
   */
  readonly normalisation?: Normalisation | undefined;
  /** What the classes mean, for the checkpoints. */
  readonly task?: Task | undefined;
  /** Cuts the batches: on the thread of the loop when left out (`batchWorkers` in Node). */
  readonly openBatches?: OpenBatches | undefined;
  /**
   * Submits of a batch, by default one. With more, a page whose GPU trains draws between them: it waits
   * for one part of a step at most. Weights and losses are the same to the bit.
   */
  readonly submits?: number | undefined;
  /**
   * Milliseconds of training after which the last checkpoint is handed over between two validations as
   * well, by default never. Where handing over takes long, it is done less often: at most a tenth of
   * the time goes into it.
   */
  readonly checkpointEveryMs?: number | undefined;
  /**
   * Times ten steps after the first ten, dispatch by dispatch, and hands the result to `onProfile`.
   * They are slower; weights and losses are the same to the bit.
   */
  readonly profile?: boolean | undefined;
}
