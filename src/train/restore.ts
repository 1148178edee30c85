// Copies the tensors of a checkpoint to the states of a trainer or a predictor.

import { firstNotFinite, placeIn } from "../arguments/numbers.js";
import type { Model } from "../model/model.js";
import { slice } from "../model/parameters.js";
import type { CheckpointTensor } from "./training-types.js";

/**
 * Returns the contents of the flat buffer from named tensors, or of its trained part, such as a moment of
 * the optimiser. Throws for a missing name, another
 * shape, a number of values that does not fit the shape, and values that are NaN or infinite.
 */
export function flatten(
  model: Model,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  prefix = "",
  isTrained = false,
): Float32Array<ArrayBuffer> {
  const { list, floats, trained, trainedFloats } = model.parameters;
  const flat = new Float32Array(isTrained ? trainedFloats : floats);
  for (const parameter of isTrained ? trained : list) {
    const tensor = tensorOf(tensors, `${prefix}${parameter.name}`, parameter.shape);
    const { data } = tensor;
    const name = `the checkpoint's tensor ${prefix}${parameter.name} [${parameter.shape}]`;
    const values = slice(parameter, flat);
    if (data.length !== values.length) {
      throw new Error(`${name} takes ${values.length} values, got ${data.length}`);
    }
    const at = firstNotFinite(data);
    if (at >= 0) {
      const place = placeIn(parameter.shape, at);
      throw new Error(`${name} is ${data[at]} at [${place}], expected finite numbers`);
    }
    values.set(data);
  }
  return flat;
}

/** Returns a checkpoint's tensor. Throws if it is missing or has another shape. */
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
