// The options of `train`. Types only.

import type { Sample } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { SampleFile } from "../data/survey.js";
import type { Task } from "../data/task.js";
import type { InitialValues } from "../model/own-initial-values.js";
import type { OpenBatches } from "./batches.js";
import type {
  BestBy,
  Checkpoint,
  Metric,
  OwnBatch,
  StepLoss,
  TrainingListener,
} from "./training-types.js";

/** Samples in memory, and samples that are read from their files when needed. */
export interface TrainingData {
  /** What is trained on, at least one. */
  readonly training: readonly (Sample | SampleFile)[];
  /** Held-out images. Without any there are no validations and no best checkpoint. */
  readonly validation: readonly (Sample | SampleFile)[];
}

/** What `train` is given in addition to data and settings. */
export interface TrainOptions extends TrainingListener, StepLoss {
  /** When it aborts, the loop ends after the current step and passes on the last checkpoint. */
  readonly signal?: AbortSignal | undefined;
  /** The last checkpoint of a run to resume, whose model and training are used. */
  readonly resume?: Checkpoint | undefined;
  /**
   * A checkpoint from whose weights the run starts (fine-tune.ts), which may be a best one. The run
   * is a new one: step 0, a new optimizer state. The model has the checkpoint's architecture and
   * own fields; other classes or channels get new last or first layers, named in the event "start".
   */
  readonly from?: Checkpoint | undefined;
  /**
   * With `from`: whether the checkpoint must fit, by default true. With false the run takes the
   * tensors that have the names and shapes of the model's, whatever its architecture is; the event
   * "start" says what was taken, what was not, and why.
   */
  readonly strict?: boolean | undefined;
  /** Initial values by names of parameters, or a function. By default those of the model. */
  readonly initial?: InitialValues | undefined;
  /**
   * Returns the learning rate after `step` completed steps, instead of the configuration's
   * schedule. A resumed run calls it with the steps of the whole run.
   */
  readonly rate?: ((step: number) => number) | undefined;
  /**
   * Returns the batches from number `first` on, in order: a generator, for instance. They replace
   * those that are cut from `data.training`, which may then be empty; the run ends when they do. A
   * resumed run asks for the batches after those it had.
   */
  readonly batches?: ((first: number) => AsyncIterable<OwnBatch> | Iterable<OwnBatch>) | undefined;
  /** Figures of held-out images by name; the event "validation" has their means. */
  readonly metrics?: Readonly<Record<string, Metric>> | undefined;
  /** Chooses the best checkpoint by one of the metrics instead of `TrainingConfig.best`. */
  readonly bestBy?: BestBy | undefined;
  /**
   * The normalisation of images in training and by the checkpoint. By default that of `resume` or
   * `from`, else each image by its own mean and standard deviation.
   */
  readonly normalisation?: Normalisation | undefined;
  /** What the classes mean, stored in the checkpoints. */
  readonly task?: Task | undefined;
  /**
   * Opens the source of batches. By default they are cut on the thread of the loop (see
   * `batchWorkers` in Node).
   */
  readonly openBatches?: OpenBatches | undefined;
  /**
   * Submits per batch, by default one. With more, a page on the same GPU can draw between them: it
   * waits for at most one part of a step. Weights and losses are the same to the bit.
   */
  readonly submits?: number | undefined;
  /**
   * Milliseconds of training after which the last checkpoint is also passed on between two
   * validations; by default never. If that takes long, it happens less often, so that it takes at
   * most a tenth of the time.
   */
  readonly checkpointEveryMs?: number | undefined;
  /**
   * Times ten steps after the first ten, dispatch by dispatch, and passes the result to
   * `onProfile`. These steps are slower; weights and losses are the same to the bit.
   */
  readonly profile?: boolean | undefined;
}
