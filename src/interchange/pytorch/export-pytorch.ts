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
import { writeNetwork } from "../onnx/graph-of-network.js";
import { nodeWriter } from "../onnx/node-writer.js";
import type { OnnxFields } from "../onnx/onnx-network.js";
import { fcnModule } from "./fcn-module.js";
import { graphModule } from "./graph-module.js";
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
 * checkpoint. It needs torch and numpy. A network that came as a file keeps the names of its weights, so that they are
 * those of the module that it was trained as. Throws for an op that has no form in PyTorch here, and names it.
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
    ...moduleOf(model),
    normalisation: metadata.normalisation,
    margins: marginsOf(model),
  });
  return {
    files: [
      { path: "network.py", bytes: new TextEncoder().encode(text) },
      { path: WEIGHTS, bytes: encodeSafetensors({ metadata, tensors: new Map(weights) }) },
    ],
  };
}

/** The classes of the network, and what makes probabilities of its maps. */
function moduleOf(model: Model): {
  readonly classes: readonly string[];
  readonly activation: string;
} {
  const { config, parameters } = model;
  const { architecture } = config;
  const activation = "F.softmax(maps, 0)";
  if (isArchitecture(architecture)) {
    const shapes: Shapes = new Map(parameters.list.map(({ name, shape }) => [name, shape]));
    const fields = config as ModelConfig<BuiltInFields>;
    const write = architecture === "unet" ? unetModule : fcnModule;
    return { classes: write(fields, shapes), activation };
  }
  const { graph, activation: end, norms } = config as unknown as Partial<OnnxFields>;
  const list = parameters.list;
  if (!graph) {
    const w = nodeWriter();
    const output = writeNetwork(model, "image", w);
    const constants = new Map(
      [...w.constants].map(([name, { dims, data }]) => [name, { dims, values: Array.from(data) }]),
    );
    const own = { nodes: w.nodes, input: "image", output, constants, parameters: list };
    return { classes: graphModule({ ...own, isTrained: true }), activation };
  }
  const constants = new Map(Object.entries(graph.constants));
  const isTrained = norms === "trained";
  const classes = graphModule({ ...graph, constants, parameters: list, isTrained });
  return { classes, activation: end === "sigmoid" ? "torch.sigmoid(maps)" : activation };
}
