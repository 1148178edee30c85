// From the tensors of a checkpoint to the states of a trainer or a predictor.

import type { Model } from "../model/model.js";
import { slice } from "../model/parameters.js";
import type { CheckpointTensor } from "./types.js";

/** The flat buffer's content from named tensors. Throws for a missing name or another shape. */
export function flatten(
  model: Model,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  prefix = "",
): Float32Array<ArrayBuffer> {
  const flat = new Float32Array(model.parameters.floats);
  for (const parameter of model.parameters.list) {
    const tensor = tensorOf(tensors, `${prefix}${parameter.name}`, parameter.shape);
    slice(parameter, flat).set(tensor.data);
  }
  return flat;
}

/** A checkpoint's tensor. Throws where it is missing or has another shape. */
export function tensorOf(
  tensors: ReadonlyMap<string, CheckpointTensor>,
  name: string,
  shape: readonly number[],
): CheckpointTensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`the checkpoint has no tensor ${name}`);
  if (tensor.shape.join() !== shape.join()) {
    throw new Error(
      `the checkpoint's tensor ${name} is [${tensor.shape}], but the model expects [${shape}]`,
    );
  }
  return tensor;
}
