// Training. Pages that do not train, or have a loop of their own, do not load the code of the runs.

import type { Device } from "../gpu/device.js";
import type { Model, ModelConfig } from "../model/model.js";
import type { TrainingData, TrainOptions } from "./run-options.js";
import type { TrainingConfig, TrainingResult } from "./training-types.js";

export type { TrainingData, TrainOptions } from "./run-options.js";

/**
 * Trains a network on images with labels. Runs with the same seed on the same adapter give the same
 * weights to the bit, also if they were stopped and resumed. Throws if the data, the configuration
 * or the checkpoint do not fit, and if training diverges.
 */
export async function train(
  device: Device,
  data: TrainingData,
  given: ModelConfig | Model,
  training: TrainingConfig,
  options: TrainOptions = {},
): Promise<TrainingResult> {
  const startedMs = performance.now();
  const { runTraining } = await import("./run-training.js");
  return runTraining(device, data, given, training, { ...options, startedMs });
}
