// Checkpoints as a module of PyTorch with its weights.

import { createModel } from "../../model/architectures.js";
import { isArchitecture } from "../../model/built-in.js";
import type { BuiltInFields } from "../../model/fields.js";
import type { Model, ModelConfig } from "../../model/model.js";
import { slice } from "../../model/parameters.js";
import { encodeSafetensors } from "../../train/checkpoint-file.js";
import { flatten } from "../../train/restore.js";
import type { Checkpoint } from "../../train/training-types.js";
import type { ExportedFile } from "../exported-file.js";
import { marginsOf } from "../margins.js";
import { fcnModule } from "./fcn-module.js";
import type { Shapes } from "./graph-writer.js";
import { pythonFile } from "./python-file.js";
import { unetModule } from "./unet-module.js";

/** Files of a network for PyTorch. */
export interface ExportedPytorch {
  /** `network.py` and `network.safetensors`. */
  readonly files: readonly ExportedFile[];
}

const WEIGHTS = "network.safetensors";

/**
 * Writes a network for PyTorch: its weights as safetensors under the names of a module, which are those of the checkpoint,
 * and a Python file with this module. `load()` of that file returns the module with the weights, `predict(network,
 * image)` the probabilities of `Predictor.predict`, and `save(network, path)` writes what was trained there as a
 * checkpoint. It needs torch and numpy. Throws for an architecture that has no module here.
 */
export function exportPytorch(checkpoint: Checkpoint): ExportedPytorch {
  const { metadata, tensors, models } = checkpoint;
  const model = createModel(metadata.model, models);
  const flat = flatten(model, tensors);
  const weights = model.parameters.list.map(
    (one) => [one.name, { shape: one.shape, data: slice(one, flat) }] as const,
  );
  const text = pythonFile({
    title: model.title,
    weights: WEIGHTS,
    classes: classesOf(model),
    normalisation: metadata.normalisation,
    margins: marginsOf(model),
    activation: "F.softmax(maps, 0)",
  });
  return {
    files: [
      { path: "network.py", bytes: new TextEncoder().encode(text) },
      { path: WEIGHTS, bytes: encodeSafetensors({ metadata, tensors: new Map(weights) }) },
    ],
  };
}

function classesOf({ config, parameters }: Model): string[] {
  const { architecture } = config;
  if (!isArchitecture(architecture)) {
    throw new Error(
      `a network of the architecture ${architecture} has no module of PyTorch here, expected unet or an FCN: ` +
        "write it as ONNX",
    );
  }
  const shapes: Shapes = new Map(parameters.list.map(({ name, shape }) => [name, shape]));
  const fields = config as ModelConfig<BuiltInFields>;
  return architecture === "unet" ? unetModule(fields, shapes) : fcnModule(fields, shapes);
}
