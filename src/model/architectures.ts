// The networks by name: the one place that knows all of them.

import { fcn } from "./fcn.js";
import type { ArchitectureName, Model, ModelConfig } from "./model.js";
import { unet } from "./unet.js";

interface Architecture {
  build(config: ModelConfig): Model;
  /** What it has where nothing else is said, in place of the general defaults. */
  readonly defaults: Partial<Pick<ModelConfig, "base" | "depth" | "dropout">>;
}

const VGG16: Architecture = { build: fcn, defaults: { base: 64, depth: 5, dropout: 0.5 } };

const ARCHITECTURES: Readonly<Record<ArchitectureName, Architecture>> = {
  unet: { build: unet, defaults: {} },
  fcn8s: { build: fcn, defaults: { depth: 5 } },
  "fcn8s-vgg16": VGG16,
  "fcn16s-vgg16": VGG16,
  "fcn32s-vgg16": VGG16,
};

export const ARCHITECTURE_NAMES = Object.keys(ARCHITECTURES) as readonly ArchitectureName[];

export function isArchitecture(name: unknown): name is ArchitectureName {
  return ARCHITECTURE_NAMES.includes(name as ArchitectureName);
}

/**
 * The network of a configuration: parameters and graph, nothing on a GPU. Throws for a configuration
 * that cannot be built, and names the value.
 */
export function createModel(config: ModelConfig): Model {
  return architectureOf(config.architecture).build(config);
}

/** What a network has where nothing else is said, in place of the general defaults. */
export function architectureDefaults(name: ArchitectureName): Architecture["defaults"] {
  return architectureOf(name).defaults;
}

function architectureOf(name: ArchitectureName): Architecture {
  if (isArchitecture(name)) return ARCHITECTURES[name];
  throw new Error(`model: the architecture is ${ARCHITECTURE_NAMES.join(", ")}, got ${name}`);
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
  const steps = Math.round((size - smallest) / model.stride);
  return smallest + Math.max(0, steps) * model.stride;
}
