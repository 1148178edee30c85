// All layers of user-defined networks, on the parameters of a layout.

import { ShapeError, type Tensor } from "../graph/tensor.js";
import { type Layers, layersOf } from "./layers.js";
import type { Dropout } from "./model.js";
import { normLayersOf } from "./norm-layers.js";
import { type ParameterLayout, parameterTensors } from "./parameters.js";

/**
 * Returns layers by the names of parameters in a layout, for graphs that are not models
 * (`compileTraining`). With `training` batch norms and dropout are those of a training, as in
 * `Model.logits`.
 */
export function networkLayers(layout: ParameterLayout, training?: Dropout): Layers {
  return allLayersOf(parameterTensors(layout), training, (name) => {
    throw new ShapeError(`the layers have no input ${name}: make it with input()`);
  });
}

/** The layers on these tensors; `input` returns an input by name. */
export function allLayersOf(
  tensors: ReadonlyMap<string, Tensor>,
  training: Dropout | undefined,
  input: Layers["input"],
): Layers {
  const layers = layersOf(tensors, training);
  return { ...layers, ...normLayersOf(tensors, layers, training), input };
}
