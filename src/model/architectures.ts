// The built-in architectures, with the code of their networks.

import {
  type Architecture,
  checkArchitectures,
  findArchitecture,
  IN_MODELS,
} from "./architecture.js";
import type { FcnName } from "./built-in.js";
import { fcn } from "./fcn.js";
import { type BuiltInFields, variantKeys } from "./fields.js";
import type { Fields, Model, ModelConfig } from "./model.js";
import { BUILT_IN } from "./read-config.js";
import { unet } from "./unet.js";
import { unetVariant } from "./unet-variant.js";

/** The built-in architectures: the U-Net and the FCNs. */
export const ARCHITECTURES: readonly Architecture<BuiltInFields>[] = BUILT_IN.map((reader) => {
  const { name } = reader;
  const build: Architecture<BuiltInFields>["build"] = (config) => {
    if (name !== "unet") return fcn(name as FcnName, config);
    return variantKeys(config).length === 0 ? unet(config) : unetVariant(config);
  };
  return { ...reader, build };
});

/**
 * Creates the model of a configuration, of one of `models` or of a built-in architecture:
 * parameters and graph, nothing on a GPU. Throws for an invalid configuration, and names the value.
 */
export function createModel<Own extends Fields>(
  config: ModelConfig<Own>,
  models: readonly Architecture[] = [],
): Model<Own> {
  checkArchitectures(models);
  const known: readonly Architecture[] = [...models, ...ARCHITECTURES];
  const architecture = findArchitecture(known, config?.architecture, "createModel", IN_MODELS);
  return architecture.build(config) as Model<Own>;
}

/**
 * Returns the number of weights and biases: 31,030,658 for the U-Net of the paper, 134,489,759 for
 * the FCN-8s on VGG-16 with colour images and 21 classes.
 */
export function parameterCount(config: ModelConfig): number {
  return createModel(config).parameters.count;
}

/** Returns the valid input size nearest to `size`, the larger of two. */
export function nearestInput(model: Model, size: number): number {
  const smallest = model.inputFor(1);
  const steps = Math.round((size - smallest) / model.gridStep);
  return smallest + Math.max(0, steps) * model.gridStep;
}
