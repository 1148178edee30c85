// What the training loop, the run folder and the command line say to each other. Types alone.

import type { Sample } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { Task } from "../data/task.js";
import type { Profile } from "../gpu/profile.js";
import type { ClassFigures } from "../metrics/pixels.js";
import type { ModelConfig } from "../model/model.js";
import type { OptionValues } from "../options/rules.js";
import type { TRAINING_OPTIONS } from "../options/training.js";

export type { Sample } from "../data/image-types.js";
export type { Normalisation } from "../data/normalise.js";
export type { ModelConfig } from "../model/model.js";

/** How a network is trained. `trainingConfig` fills in the defaults; the table has a row each. */
export type TrainingConfig = OptionValues<typeof TRAINING_OPTIONS>;

export type OptimizerName = TrainingConfig["optimizer"];

export type Precision = TrainingConfig["precision"];

/** Figures on held-out images, over all their pixels. */
export interface ValidationFigures {
  /** The training loss (weighted cross-entropy), without dropout. */
  readonly loss: number;
  /** Share of pixels whose class (probability > 0.5, or the largest) differs from the label. */
  readonly wrongPixels: number;
  /** Means over the classes that occur. */
  readonly iou?: number | undefined;
  readonly dice?: number | undefined;
  /** `vRandThin` and `vInfoThin` of the EM challenge, where `best` is chosen by one of them. */
  readonly vRand?: number | undefined;
  readonly vInfo?: number | undefined;
}

export type TrainingEvent =
  | {
      readonly type: "start";
      readonly parameterCount: number;
      /** Compute pipelines of the training plan. */
      readonly pipelines: number;
      readonly dispatches: number;
      /** GPU memory of the training plan, parameters included. */
      readonly planBytes: number;
      /** Steps already done by the run that is resumed, else 0. */
      readonly step: number;
      /** Milliseconds from the call of `train` to a plan that can run. */
      readonly readyMs: number;
      /** Of a run that starts from a checkpoint: the layers that do not come from it. */
      readonly newLayers?: readonly string[] | undefined;
    }
  | {
      readonly type: "step";
      /** Steps done. */
      readonly step: number;
      /** Loss of that step's batch, or of all its batches. */
      readonly loss: number;
      readonly learningRate: number;
    }
  | {
      /** Sent every few steps: means over the steps since the last one. */
      readonly type: "progress";
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** Tiles trained a second. */
      readonly imagesPerSecond: number;
      /**
       * Milliseconds a step in which the loop stood still for its batch. The GPU has up to two steps
       * to do in the meantime: it waits only where this is above the time of a step.
       */
      readonly waitMs: number;
      /** Estimated time to the end of the run, by steps or by the time budget. */
      readonly remainingMs: number;
      /** With precision f16: the factor of the loss, and steps so far that overflowed and changed nothing. */
      readonly lossScale?: number | undefined;
      readonly skippedSteps?: number | undefined;
    }
  | ({
      readonly type: "validation";
      readonly step: number;
      /** Whether it is the best so far, by the figure that `TrainingConfig.best` names. */
      readonly best: boolean;
      readonly images: readonly ({ readonly name: string } & ValidationFigures)[];
      /** Of each class, by its index, all images together. */
      readonly classes?: readonly ClassFigures[] | undefined;
    } & ValidationFigures)
  | { readonly type: "end"; readonly result: TrainingResult };

export interface TrainingResult {
  readonly steps: number;
  /** Why the run ended: all its steps, its time budget, no better figure, or the caller's signal. */
  readonly reason: "steps" | "time" | "patience" | "aborted";
  readonly best: ({ readonly step: number } & ValidationFigures) | undefined;
  readonly elapsedMs: number;
  /** With precision f16: steps of the run that overflowed and changed nothing. */
  readonly skippedSteps?: number | undefined;
}

/** One tensor of a checkpoint, dense, row-major. */
export interface CheckpointTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** What a checkpoint file holds (safetensors.ts). */
export interface Checkpoint {
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  readonly metadata: CheckpointMetadata;
}

export interface CheckpointMetadata {
  /** What the model is made of. */
  readonly model: ModelConfig;
  /** What its classes mean, where somebody said it. */
  readonly task?: Task | undefined;
  /** How an image is normalised before the network sees it; `predict` applies it on its own. */
  readonly normalisation: Normalisation;
  /** Absent in a checkpoint that was not made by training. */
  readonly training?: TrainingConfig | undefined;
  /** The value, or the colour, "#rrggbb", of pixels that nobody labelled, in the run's label files. */
  readonly ignore?: number | string | undefined;
  /** Steps done, and the best validation so far: the state that a resumed run needs. */
  readonly progress?: {
    readonly step: number;
    readonly best: ({ readonly step: number } & ValidationFigures) | undefined;
    /** The share of the schedule that is done, where it follows the time. */
    readonly share?: number | undefined;
  };
}

/** Receives what a run produces. Every function may be asynchronous; the loop waits for it. */
export interface TrainingListener {
  readonly onEvent?: ((event: TrainingEvent) => void | Promise<void>) | undefined;
  /** Called after each validation: `last` always, `best` when the figures are the best so far. */
  readonly onCheckpoint?:
    | ((kind: "best" | "last", checkpoint: Checkpoint) => void | Promise<void>)
    | undefined;
  /**
   * Called for each held-out image of a validation, in order, as soon as it is predicted. Nothing
   * keeps the prediction but who is called.
   */
  readonly onPrediction?:
    | ((step: number, prediction: SamplePrediction, index: number) => void | Promise<void>)
    | undefined;
  /**
   * Called after each validation with the predictions of all held-out images, which are in memory
   * together for it: 4 bytes a pixel and class.
   */
  readonly onPredictions?:
    | ((step: number, predictions: readonly SamplePrediction[]) => void | Promise<void>)
    | undefined;
  /** Called once, after the steps that were timed, where the run was asked for a profile. */
  readonly onProfile?: ((profile: Profile) => void | Promise<void>) | undefined;
}

/** Probabilities of a whole image, as large as the image. */
export interface Prediction {
  readonly width: number;
  readonly height: number;
  readonly classes: number;
  /** [classes][height][width], each in 0..1, summing to 1 over the classes. */
  readonly probabilities: Float32Array;
}

export interface SamplePrediction {
  readonly sample: Sample;
  readonly prediction: Prediction;
}
