// The weights of a checkpoint that fit a model, which may be of another architecture.

import type { Model } from "../model/model.js";
import { initialValues, layerOf, slice } from "../model/parameters.js";
import type { Checkpoint, PartialWeights, UnusedTensor } from "./training-types.js";

/** The weights that a run starts from, and what they are. */
export interface PartialStart {
  /** The contents of the flat buffer. */
  readonly values: Float32Array<ArrayBuffer>;
  readonly partial: PartialWeights;
}

/**
 * Returns the tensors of a checkpoint with the names and shapes of the model's parameters; a layer
 * of which one tensor does not fit keeps the initial values of all. Throws if nothing fits.
 */
export function partialWeights(
  model: Model,
  { tensors }: Pick<Checkpoint, "tensors">,
  seed: number,
): PartialStart {
  const { list } = model.parameters;
  const reasonOf = (name: string, shape: readonly number[]): string | undefined => {
    const tensor = tensors.get(name);
    if (!tensor) return "the checkpoint has no such tensor";
    if (`${tensor.shape}` !== `${shape}`) {
      return `it is [${tensor.shape}] in the checkpoint, [${shape}] in the model`;
    }
    return tensor.data.every(Number.isFinite) ? undefined : "it is not finite in the checkpoint";
  };
  const faults = new Map<string, string>();
  for (const { name, shape } of list) {
    const reason = reasonOf(name, shape);
    if (reason) faults.set(name, reason);
  }
  const broken = new Map([...faults.keys()].map((name) => [layerOf({ name }), name]));
  const values = initialValues(model.parameters, seed);
  const matched: string[] = [];
  const missing: UnusedTensor[] = [];
  for (const parameter of list) {
    const { name } = parameter;
    const other = broken.get(layerOf(parameter));
    if (other === undefined) {
      matched.push(name);
      slice(parameter, values).set(tensors.get(name)?.data ?? []);
    } else {
      missing.push({ name, reason: faults.get(name) ?? `${other} of the same layer does not fit` });
    }
  }
  const known = new Set(list.map(({ name }) => name));
  const reasons = new Map(missing.map(({ name, reason }) => [name, reason]));
  const unused = [...tensors.keys()]
    .filter((name) => !name.startsWith("optimizer.") && !matched.includes(name))
    .map((name) => ({
      name,
      reason: known.has(name) ? (reasons.get(name) as string) : "the model has no such parameter",
    }));
  if (matched.length > 0) return { values, partial: { matched, missing, unused } };
  throw new Error(
    `from: no tensor of the checkpoint fits the model: ${missing[0].name}: ${missing[0].reason}`,
  );
}
