// What the commands need from the engine. Tests pass fakes, so that they run without a GPU.

import type { Examination, ExamineOptions } from "../check/examine.js";
import type { StoredImage } from "../data/image-types.js";
import type { Task } from "../data/task.js";
import type { TuneOptions, TuneResult } from "../gpu/tune.js";
import type { ExportedBioimageio } from "../interchange/bioimageio/export-bioimageio.js";
import type { ModelPackage } from "../interchange/bioimageio/package-files.js";
import type { BioimageioOptions } from "../interchange/bioimageio/package-options.js";
import type { PackageTest } from "../interchange/bioimageio/test-package.js";
import type { Model } from "../model/model.js";
import type { OpenBatches } from "../train/batches.js";
import type { TrainingData } from "../train/train.js";
import type {
  Checkpoint,
  ModelConfig,
  Prediction,
  TrainingConfig,
  TrainingListener,
  TrainingResult,
} from "../train/training-types.js";
import type { PlanReports } from "./info/plan-report.js";

/** The part of an open GPU that the commands use. */
export interface OpenDevice {
  describe(): {
    readonly adapter: string;
    readonly kind: "cpu" | "gpu";
    readonly backend: string;
    readonly vectorBits?: number;
    readonly limits: Readonly<Record<string, number>>;
    readonly features: readonly string[];
  };
  /** Which kernel a layer runs, as chosen by the tuner; layers not listed run the default. */
  readonly choices: Map<string, string>;
  close(): void;
}

export interface Predictor {
  predict(image: StoredImage, name: string): Promise<Prediction>;
  close(): void;
}

/** Methods, not properties, so that an engine whose own device has more members fits. */
export interface Services {
  /** `onRemark` gets a sentence if something is odd but not an error. */
  openDevice(onRemark: (remark: string) => void): Promise<OpenDevice>;
  /** The message of the GPU's loss, if it is lost now or within half a second. */
  lossOf(device: OpenDevice): Promise<string | undefined>;
  train(
    device: OpenDevice,
    data: TrainingData,
    model: ModelConfig | Model,
    training: TrainingConfig,
    options: TrainingListener & {
      signal?: AbortSignal;
      resume?: Checkpoint;
      from?: Checkpoint;
      task?: Task | undefined;
      profile?: boolean;
      openBatches?: OpenBatches;
    },
  ): Promise<TrainingResult>;
  /** Examines the adapter and its driver; sets which kernels the device avoids. */
  examine(device: OpenDevice, options: ExamineOptions): Promise<Examination>;
  /** Saves the result for this adapter; returns the file, undefined if saving is turned off. */
  keepExamination(device: OpenDevice, examination: Examination): Promise<string | undefined>;
  /** A quick examination if none is saved for this adapter and driver. */
  examineFirst(device: OpenDevice): Promise<Examination | undefined>;
  /** Runs the test of a zoo's package. */
  testPackage(device: OpenDevice, model: ModelPackage): Promise<PackageTest>;
  /** Writes a network as a package of the zoo. */
  exportPackage(
    device: OpenDevice,
    checkpoint: Checkpoint,
    options: BioimageioOptions,
  ): Promise<ExportedBioimageio>;
  /** Chooses kernels for a network: sets the device's choices. */
  tune(
    device: OpenDevice,
    network: { model: ModelConfig | Model; training: TrainingConfig },
    options: TuneOptions & { predictionTile?: number },
  ): Promise<TuneResult>;
  /** Saves the device's choices; returns the file, undefined if saving is turned off. */
  keepChoices(device: OpenDevice): Promise<string | undefined>;
  /** The memory of a training step and of prediction, by default in the tiles of large images. */
  planMemory(
    device: OpenDevice,
    network: { model: ModelConfig | Model; training: TrainingConfig },
    predictionTile: number | undefined,
  ): Promise<PlanReports>;
  createPredictor(
    device: OpenDevice,
    checkpoint: Checkpoint,
    options: { tile?: number; symmetries?: number; signal?: AbortSignal | undefined },
  ): Promise<Predictor>;
}

/** A stream to write lines to: a terminal, a pipe, or a test's collector. */
export type Output = NodeJS.WritableStream & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** What a command gets in addition to its options. */
export interface Context {
  readonly services: Services;
  readonly stdout: Output;
  readonly stderr: Output;
  /** How the user called this program: the start of every command that is printed to be pasted. */
  readonly invocation: string;
  /** The arguments as typed. */
  readonly args: readonly string[];
  readonly version: string;
}
