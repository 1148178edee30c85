// Fine-tuning: a run that starts from the weights of a checkpoint instead of random ones. Nothing
// else of the checkpoint's run continues: steps count from 0 and the optimizer state is new. Pages
// load this only when a run asks for it.

import { shownText } from "../arguments/shown.js";
import { variantKeys } from "../model/fields.js";
import { loadModel } from "../model/load-model.js";
import type { Fields, Model } from "../model/model.js";
import { initialValues, layerOf, slice } from "../model/parameters.js";
import { unetDefaults } from "../options/unet-defaults.generated.js";
import { tensorOf } from "./restore.js";
import type { Checkpoint, CheckpointTensor } from "./training-types.js";

/** The weights that a run starts from. */
export interface StartingWeights {
  /** The contents of the flat buffer. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Names of the layers that do not come from the checkpoint, such as "head". */
  readonly newLayers: readonly string[];
}

/**
 * Returns the weights of a checkpoint that are used for prediction (with `ema` their moving
 * average) as the start of a run of `model`. A different number of classes gets new last layers and
 * a different number of channels a new first layer, with the values that the seed gives them in a
 * run from scratch; all other weights are those of the checkpoint to the bit. Throws if the model
 * differs in any other way, or if a weight is missing or not finite.
 */
export async function startingWeights(
  model: Model,
  from: Checkpoint,
  seed: number,
): Promise<StartingWeights> {
  const { list } = model.parameters;
  const newLayers = layersToMake(model, from);
  const values = initialValues(model.parameters, seed);
  for (const parameter of list) {
    if (newLayers.includes(layerOf(parameter))) continue;
    const tensor = tensorOf(from.tensors, parameter.name, parameter.shape);
    checkFinite(parameter.name, tensor);
    slice(parameter, values).set(tensor.data);
  }
  return { values, newLayers };
}

/**
 * Throws if a weight of the checkpoint is missing, has another shape or is not finite, and names
 * it.
 */
export async function checkWeights({ tensors, metadata, models }: Checkpoint): Promise<void> {
  const model = await loadModel(metadata.model, models);
  for (const { name, shape } of model.parameters.list) {
    checkFinite(name, tensorOf(tensors, name, shape));
  }
}

function checkFinite(name: string, { data }: CheckpointTensor): void {
  const at = data.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  throw new Error(`the checkpoint's tensor ${name} holds ${data[at]}, expected finite numbers`);
}

/**
 * Returns the layers with a tensor of another shape, which must be due to other channels or
 * classes. Weight and bias go together.
 */
function layersToMake(model: Model, { tensors, metadata }: Checkpoint): string[] {
  const before: Fields = metadata.model;
  const now: Fields = model.config;
  checkSame("architecture", before, now);
  if (now.architecture === "unet") {
    for (const key of new Set([...variantKeys(before), ...variantKeys(now)])) {
      checkSame(key, { ...unetDefaults, ...before }, { ...unetDefaults, ...now });
    }
  }
  const own = Object.keys(now).filter((key) => !FREE.includes(key));
  const other = own.find((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]));
  const refuse = (error: unknown) => {
    if (other !== undefined) checkSame(other, before, now);
    throw error;
  };
  const isExplained = (from: number, to: number) =>
    ["channels", "classes"].some((key) => {
      const [a, b] = [before[key] as number, now[key] as number];
      return other === undefined ? from * b === to * a : from === a && to === b;
    });
  const layers = new Set<string>();
  for (const parameter of model.parameters.list) {
    const { name, shape } = parameter;
    try {
      tensorOf(tensors, name, shape);
    } catch (error) {
      const given = tensors.get(name)?.shape;
      const isNew =
        given?.length === shape.length &&
        given.every((size, i) => size === shape[i] || isExplained(size, shape[i]));
      if (!isNew) refuse(error);
      layers.add(layerOf(parameter));
    }
  }
  const known = new Set(model.parameters.list.map(({ name }) => name));
  for (const name of tensors.keys()) {
    if (known.has(name) || name.startsWith("optimizer.")) continue;
    refuse(new Error(`from: the checkpoint has a tensor ${name}, which the model does not have`));
  }
  return [...layers];
}

/** Keys in which the models may differ, and keys that are compared separately. */
const FREE = ["architecture", "channels", "classes", "classNames", "classColours"];

function checkSame(key: string, before: Fields, now: Fields): void {
  if (before[key] === now[key]) return;
  throw new Error(
    `from: the checkpoint's network has ${key} ${shownText(before[key])}, got ` +
      `${shownText(now[key])}, expected the same`,
  );
}
