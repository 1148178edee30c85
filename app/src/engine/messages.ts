// Messages between the page and the Worker with the engine.

import type {
  BuiltInConfig,
  DeviceDescription,
  Examination,
  LabelMap,
  MemoryError,
  MemoryProposal,
  Prediction,
  RawImage,
  SyntheticOptions,
  Task,
  TrainingConfig,
  TrainingEvent,
  TrainingResult,
  ValidationFigures,
} from "../../../src/index.js";
import type { PackageTest } from "../../../src/interchange/index.js";
import type { ExportedNetwork, PackageFields } from "../outputs/network-formats.js";
import type { DrawnSample, SampleKind } from "../state/project.js";
import type { Run, RunData } from "../state/project-types.js";

export interface LabelledImage {
  readonly name: string;
  readonly raw: RawImage;
  readonly label: LabelMap;
}

export interface TrainJob {
  readonly training: readonly LabelledImage[];
  readonly validation: readonly LabelledImage[];
  /** Whether patches of the labels are held out if no image is. */
  readonly keepsPatches: boolean;
  readonly model: BuiltInConfig;
  readonly task: Task;
  readonly config: TrainingConfig;
  /** The last checkpoint's file, to continue from. */
  readonly resume?: Uint8Array;
  /** A checkpoint's file with the weights that a new run starts from. */
  readonly from?: Uint8Array;
  /** The run of the best network so far: its metrics cannot be compared with those on other validation data. */
  readonly bestRun?: Run | undefined;
  /** The image shown during training if no image is held out. */
  readonly watched?: { readonly name: string; readonly raw: RawImage };
}

/** A package of the bioimage.io zoo. */
export interface PackageJob {
  /** A checkpoint's file. */
  readonly checkpoint: Uint8Array;
  readonly fields: PackageFields;
  /** The image of its test and its cover. */
  readonly image: RawImage;
  readonly imageName: string;
}

export interface PredictJob {
  readonly name: string;
  readonly raw: RawImage;
  /** A checkpoint's file. */
  readonly checkpoint: Uint8Array;
  /** Side of the tile in pixels; by default one that suits the image. */
  readonly tile?: number;
}

/** Requests with one answer, which has the same id. */
export type Question =
  | { readonly type: "predict"; readonly id: number; readonly job: PredictJob }
  | {
      readonly type: "measure";
      readonly id: number;
      readonly model: BuiltInConfig;
      readonly config: TrainingConfig;
    }
  /** Compares the GPU's kernels with references. */
  | { readonly type: "examine"; readonly id: number }
  | { readonly type: "export-package"; readonly id: number; readonly job: PackageJob }
  /** Runs the test of a package of the bioimage.io zoo, a zip file. */
  | {
      readonly type: "test-package";
      readonly id: number;
      readonly file: Blob;
      readonly name: string;
    }
  /** Draws an image of an embedded sample, which takes a tenth of a second. */
  | {
      readonly type: "draw";
      readonly id: number;
      readonly options: SyntheticOptions;
      readonly kind?: SampleKind | undefined;
    };

export type Request =
  | Question
  /** `examines`: whether a GPU that was never examined is, before a training. */
  | { readonly type: "open"; readonly examines: boolean }
  | { readonly type: "train"; readonly job: TrainJob }
  /** Ends the run after the step in flight, with its last checkpoint. */
  | { readonly type: "stop" }
  /** Cancels the prediction with this id, which then fails. */
  | { readonly type: "cancel"; readonly id: number };

/** The estimate of a run. */
export interface Estimate {
  /** Total GPU memory in bytes. */
  readonly bytes: number;
  /** Bytes of the largest tensor, and the largest binding of the GPU. */
  readonly largestBytes: number;
  readonly bindingLimit: number;
  /** Why it does not fit, with what does. */
  readonly refusal?: Pick<MemoryError, "message" | "proposals"> | undefined;
  readonly stepMs: number;
  /** Of one tile. */
  readonly outputPixels: number;
}

/** The kinds of errors that the page handles differently. */
export interface Failure {
  readonly kind: "lost" | "memory" | "adapter" | "other";
  readonly message: string;
  /** Of memory: configurations that fit. */
  readonly proposals?: readonly MemoryProposal[];
}

/** A prediction and its uncertainty: the mean entropy of its pixels, 0 to 1. */
export interface RatedPrediction extends Prediction {
  readonly uncertainty: number;
}

export interface NamedPrediction {
  readonly name: string;
  readonly prediction: RatedPrediction;
}

export type Reply =
  | { readonly type: "device"; readonly description: DeviceDescription }
  | { readonly type: "no-device"; readonly failure: Failure }
  /** The examination before the first training found faults. */
  | { readonly type: "faults"; readonly examination: Examination }
  | { readonly type: "training"; readonly events: readonly TrainingEvent[] }
  | {
      readonly type: "checkpoint";
      readonly kind: "best" | "last";
      readonly bytes: Uint8Array;
      readonly step: number;
      readonly figures: ValidationFigures | undefined;
      readonly data: RunData;
    }
  | {
      readonly type: "predictions";
      readonly step: number;
      readonly predictions: readonly NamedPrediction[];
    }
  | { readonly type: "trained"; readonly result: TrainingResult }
  | { readonly type: "train-failed"; readonly failure: Failure }
  /** Stopped before its first step. */
  | { readonly type: "train-cancelled" }
  | {
      readonly type: "predicting";
      readonly id: number;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: "examining";
      readonly id: number;
      readonly done: number;
      readonly total: number;
    }
  | {
      readonly type: "predicted";
      readonly id: number;
      readonly answer: { readonly prediction: RatedPrediction; readonly step: number };
    }
  | { readonly type: "measured"; readonly id: number; readonly answer: Estimate }
  | { readonly type: "packaged"; readonly id: number; readonly answer: ExportedNetwork }
  | { readonly type: "tested"; readonly id: number; readonly answer: PackageTest }
  | { readonly type: "examined"; readonly id: number; readonly answer: Examination }
  | {
      readonly type: "drawn";
      readonly id: number;
      readonly answer: DrawnSample;
    }
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure };
