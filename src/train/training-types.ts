// Types shared by the training loop, the run folder and the command line.

import type { Sample } from "../data/image-types.js";
import type { Normalisation } from "../data/normalise.js";
import type { Task } from "../data/task.js";
import type { Batch } from "../data/tiles.js";
import type { Profile } from "../gpu/profile.js";
import type { ClassFigures } from "../metrics/pixels.js";
import type { Architecture } from "../model/architecture.js";
import type { LossFunction, ModelConfig } from "../model/model.js";
import type { OptionValues } from "../options/rules.js";
import type { TRAINING_OPTIONS } from "../options/training.js";
import type { Health } from "./health.js";

export type { Sample } from "../data/image-types.js";
export type { Normalisation } from "../data/normalise.js";
export type { ModelConfig } from "../model/model.js";

/**
 * How a network is trained. `trainingConfig` fills in the defaults; docs/options.md has a row per
 * field.
 */
export type TrainingConfig = OptionValues<typeof TRAINING_OPTIONS>;

/** How the weights are updated. */
export type OptimizerName = TrainingConfig["optimizer"];

/** How activations and gradients that wait are stored: in 32 or in 16 bits. */
export type Precision = TrainingConfig["precision"];

/** Figures on held-out images, over all their pixels. */
export interface ValidationFigures {
  /** The training loss (weighted cross-entropy), without dropout. */
  readonly loss: number;
  /** Share of pixels whose class (probability > 0.5, or the largest) differs from the label. */
  readonly wrongPixels: number;
  /** Means over the classes that occur. */
  readonly iou?: number | undefined;
  /** Mean Dice coefficient over the classes that occur. */
  readonly dice?: number | undefined;
  /** `vRandThin` and `vInfoThin` of the EM challenge, if `best` is chosen by one of them. */
  readonly vRand?: number | undefined;
  /** Information score after thinning borders, where `best` is chosen by such a figure. */
  readonly vInfo?: number | undefined;
  /** Of a task of single cells: average precision at an IoU of 0.5. */
  readonly ap50?: number | undefined;
  /** Error of the number of cells, as a share of the labelled ones. */
  readonly countError?: number | undefined;
  /** Means of the run's own metrics (`TrainOptions.metrics`) over the images. */
  readonly metrics?: Readonly<Record<string, number>> | undefined;
  /** The separation with which `ap50` and `countError` are had. */
  readonly separation?: number | undefined;
  /** The probability above which a pixel is then cell. */
  readonly cellThreshold?: number | undefined;
}

/** A batch for a loss of one's own, which needs what that loss reads. */
export interface OwnBatch extends Pick<Batch, "image">, Partial<Omit<Batch, "image">> {
  /** Inputs of the network besides the image, by name: [size][channels][tile][tile] or [size][values]. */
  readonly inputs?: { readonly [name: string]: Float32Array } | undefined;
  /** Targets by name: [size][channels][output][output]. */
  readonly targets?: { readonly [name: string]: Float32Array } | undefined;
}

/** Parameters that are trained in another way than the rest. */
export interface TrainingGroup {
  /** The parameters by their names; by default all that no earlier group has. */
  readonly match?: RegExp | ((name: string) => boolean) | undefined;
  /** The factor of the learning rate, by default 1. */
  readonly rate?: number | undefined;
  /** By default that of the run. */
  readonly weightDecay?: number | undefined;
  /** Whether they keep their values; running averages of norms are no parameters. By default not. */
  readonly frozen?: boolean | undefined;
}

/** What the steps of a run do differently: the loss, and groups of parameters. */
export interface StepLoss {
  /**
   * The loss of a batch, any graph with one number [1] as its result. It is called once. By default
   * the model's, which is the weighted cross-entropy unless its architecture has another.
   */
  readonly loss?: LossFunction | undefined;
  /** The number of channels of each target that batches have for the loss, by name. */
  readonly targets?: { readonly [name: string]: number } | undefined;
  /**
   * Groups of parameters with learning rates of their own, or frozen. The first that matches a parameter
   * has it; those of no group are trained as the configuration says.
   */
  readonly groups?: readonly TrainingGroup[] | undefined;
}

/** Returns a figure of a held-out image, or NaN if it has none. */
export type Metric = (held: SamplePrediction) => number | Promise<number>;

/** The metric that chooses the best checkpoint. */
export interface BestBy {
  /** One of the run's metrics. */
  readonly metric: string;
  /** Which values are better. */
  readonly better: "low" | "high";
}

/** A tensor that a run did not take from a checkpoint. */
export interface UnusedTensor {
  /** "head.weight" */
  readonly name: string;
  /** Why it was not taken. */
  readonly reason: string;
}

/** What came from a checkpoint that need not fit. */
export interface PartialWeights {
  /** Parameters that have its values. */
  readonly matched: readonly string[];
  /** Parameters with initial values. */
  readonly missing: readonly UnusedTensor[];
  /** Its tensors that were not used. */
  readonly unused: readonly UnusedTensor[];
}

/** What a run reports as it goes. */
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
      /** Milliseconds from the call of `train` to a plan that is ready to run. */
      readonly readyMs: number;
      /** For a run that starts from a checkpoint: the layers that do not come from it. */
      readonly newLayers?: readonly string[] | undefined;
      /** With `strict: false`: what came from it. */
      readonly partial?: PartialWeights | undefined;
    }
  | {
      readonly type: "step";
      /** Steps done. */
      readonly step: number;
      /** Loss of the step's batch, or of all its batches. */
      readonly loss: number;
      readonly learningRate: number;
    }
  | {
      /** Sent every few steps: means over the steps since the last one. */
      readonly type: "progress";
      readonly step: number;
      readonly steps: number;
      readonly loss: number;
      /** Tiles trained per second. */
      readonly imagesPerSecond: number;
      /**
       * Milliseconds per step in which the loop waited for its batch. The GPU has up to two steps
       * to do in the meantime, so it is idle only if this is above the time of a step.
       */
      readonly waitMs: number;
      /** Estimated time to the end of the run, by steps or by the time budget. */
      readonly remainingMs: number;
      /**
       * With precision f16: the loss scale, and the steps so far that overflowed and changed
       * nothing.
       */
      readonly lossScale?: number | undefined;
      readonly skippedSteps?: number | undefined;
    }
  | ({
      readonly type: "validation";
      readonly step: number;
      /** Whether it is the best so far, by the figure of `TrainingConfig.best`. */
      readonly best: boolean;
      readonly images: readonly ({ readonly name: string } & ValidationFigures)[];
      /** Figures of each class, by its index, over all images. */
      readonly classes?: readonly ClassFigures[] | undefined;
    } & ValidationFigures)
  | ({
      /** Sent after each validation. */
      readonly type: "health";
      readonly step: number;
      /** What should be looked at, in sentences that say what to do; each is said once. */
      readonly warnings: readonly string[];
    } & Health)
  | {
      /** The GPU was lost; it is open again, and the run goes on. Steps that are done again are not reported again. */
      readonly type: "lost";
      /** Why, as the GPU says. */
      readonly message: string;
      /** The step after which the run goes on, with what it kept in memory. */
      readonly step: number;
      /** The adapter of the steps that follow: on another one the results differ in the last digits. */
      readonly adapter: string;
    }
  | { readonly type: "end"; readonly result: TrainingResult };

/** How a run ended. */
export interface TrainingResult {
  /** Steps done, an earlier run's included. */
  readonly steps: number;
  /**
   * Why the run ended: all steps done, time budget used up, no better figure, or aborted by the
   * caller.
   */
  readonly reason: "steps" | "time" | "patience" | "aborted";
  /** Step and figures of the best validation, if there was one. */
  readonly best: ({ readonly step: number } & ValidationFigures) | undefined;
  /** Milliseconds that the run took. */
  readonly elapsedMs: number;
  /** With precision f16: steps of the run that overflowed and changed nothing. */
  readonly skippedSteps?: number | undefined;
}

/** One tensor of a checkpoint, dense, row-major. */
export interface CheckpointTensor {
  /** As PyTorch has it: [out, in, height, width] of a convolution. */
  readonly shape: readonly number[];
  /** The values, row-major. */
  readonly data: Float32Array;
}

/** The contents of a checkpoint file (checkpoint-file.ts). */
export interface Checkpoint {
  /** By name: "encoder1.conv1.weight"; the optimiser's begin with "optimizer.". */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** What the network is, and how it was trained. */
  readonly metadata: CheckpointMetadata;
  /** The architectures that `decodeSafetensors` was given: `createPredictor` takes them from here. */
  readonly models?: readonly Architecture[] | undefined;
}

/** What a checkpoint says of its network and its training. */
export interface CheckpointMetadata {
  /** The configuration of the model. */
  readonly model: ModelConfig;
  /** What its classes mean, if known. */
  readonly task?: Task | undefined;
  /** How an image is normalised before the network sees it; `predict` does this. */
  readonly normalisation: Normalisation;
  /** Absent in a checkpoint that was not made by training. */
  readonly training?: TrainingConfig | undefined;
  /** The value, or the colour "#rrggbb", of unlabelled pixels in the run's label files. */
  readonly ignore?: number | string | undefined;
  /** Steps done, and the best validation so far: what a resumed run needs. */
  readonly progress?: {
    readonly step: number;
    readonly best: ({ readonly step: number } & ValidationFigures) | undefined;
    /** The completed share of the schedule, if it follows the time. */
    readonly share?: number | undefined;
  };
}

/** Receives what a run produces. Every function may be asynchronous: the loop awaits it. */
export interface TrainingListener {
  /** Called for each event. */
  readonly onEvent?: ((event: TrainingEvent) => void | Promise<void>) | undefined;
  /** Called after each validation: `last` always, `best` if the figures are the best so far. */
  readonly onCheckpoint?:
    | ((kind: "best" | "last", checkpoint: Checkpoint) => void | Promise<void>)
    | undefined;
  /**
   * Called for each held-out image of a validation, in order, as soon as it is predicted. The
   * prediction is not kept.
   */
  readonly onPrediction?:
    | ((step: number, prediction: SamplePrediction, index: number) => void | Promise<void>)
    | undefined;
  /**
   * Called after each validation with the predictions of all held-out images, which are therefore
   * in memory at the same time: 4 bytes per pixel and class.
   */
  readonly onPredictions?:
    | ((step: number, predictions: readonly SamplePrediction[]) => void | Promise<void>)
    | undefined;
  /** Called once after the timed steps, if a profile was requested. */
  readonly onProfile?: ((profile: Profile) => void | Promise<void>) | undefined;
}

/** Probabilities of a whole image, of the same size. */
export interface Prediction {
  /** Columns, in pixels. */
  readonly width: number;
  /** Rows, in pixels. */
  readonly height: number;
  /** Number of classes. */
  readonly classes: number;
  /** [classes][height][width], each in 0..1, summing to 1 over the classes. */
  readonly probabilities: Float32Array;
}

/** A held-out sample with its prediction. */
export interface SamplePrediction {
  /** The sample. */
  readonly sample: Sample;
  /** As large as the sample's image. */
  readonly prediction: Prediction;
}
