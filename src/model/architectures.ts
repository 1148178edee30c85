// The networks of all architectures.

import { checkArchitecture } from "./architecture-names.js";
import { fcn } from "./fcn.js";
import type { Model, ModelConfig } from "./model.js";
import { unet } from "./unet.js";

/**
 * The network of a configuration: parameters and graph, nothing on a GPU. Throws for a configuration
 * that cannot be built, and names the value.
 */
export function createModel(config: ModelConfig): Model {
  checkArchitecture(config.architecture);
  return config.architecture === "unet" ? unet(config) : fcn(config);
}

/**
 * Number of weights and biases: 31,030,658 for the U-Net of the paper, 134,489,759 for the FCN-8s on
 * VGG-16 with colour images and 21 classes.
 */
export function parameterCount(config: ModelConfig): number {
  return createModel(config).parameters.count;
}

/** The valid input size nearest to `size`, the larger of two. */
export function nearestInput(model: Model, size: number): number {
  const smallest = model.inputFor(1);
  const steps = Math.round((size - smallest) / model.gridStep);
  return smallest + Math.max(0, steps) * model.gridStep;
}
