// A small network with random weights, for pages that draw its predictions.

import { initialValues, slice } from "../../src/model/parameters.js";
import { unet } from "../../src/model/unet.js";
import { modelConfig } from "../../src/train/config.js";
import type { Checkpoint } from "../../src/train/training-types.js";

export function syntheticCheckpoint(channels: number, classes: number): Checkpoint {
  const model = unet(modelConfig({ base: 2, depth: 1, channels, classes }));
  const values = initialValues(model.parameters, 9);
  const tensors = model.parameters.list.map((parameter) => {
    const data = slice(parameter, values);
    return [parameter.name, { shape: parameter.shape, data }] as const;
  });
  return {
    tensors: new Map(tensors),
    metadata: { model: model.config, normalisation: { kind: "image" } },
  };
}
