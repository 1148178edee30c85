// Fine-tuning: a run that starts from the weights of a checkpoint instead of random ones. Nothing
// else of the checkpoint's run goes on: steps count from 0 and the optimiser knows nothing yet. A
// page loads this when a run asks for it.

import { loadModel } from "../model/load-model.js";
import type { Model, ModelConfig } from "../model/model.js";
import { initialValues, slice } from "../model/parameters.js";
import { tensorOf } from "./restore.js";
import type { Checkpoint } from "./training-types.js";

/** What the weights of a network depend on besides channels and classes. */
const SAME = ["architecture", "base", "depth"] as const;

/** The weights that a run starts from. */
export interface StartingWeights {
  /** The flat buffer's content. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Names of the layers that do not come from the checkpoint, such as "head". */
  readonly newLayers: readonly string[];
}

/**
 * The weights to predict with of a checkpoint (with `ema` their moving average), as the start of a run
 * of `model`. Other classes get new last layers and other channels a new first layer, with the values
 * that the seed gives them in a run from scratch; all other weights are the checkpoint's to the bit.
 * Throws where architecture, base or depth differ, and as `checkWeights` does.
 */
export async function startingWeights(
  model: Model,
  from: Checkpoint,
  seed: number,
): Promise<StartingWeights> {
  const { model: before } = from.metadata;
  for (const key of SAME) {
    if (before[key] === model.config[key]) continue;
    throw new Error(
      `from: the checkpoint's network has ${key} ${before[key]}, got ${model.config[key]}, ` +
        "expected the same",
    );
  }
  await checkWeights(from);
  const other = await loadModel(before);
  const newLayers = differingLayers(model, other);
  const values = initialValues(model.parameters, seed);
  for (const parameter of model.parameters.list) {
    if (newLayers.includes(layerOf(parameter.name))) continue;
    const { data } = tensorOf(from.tensors, parameter.name, parameter.shape);
    slice(parameter, values).set(data);
  }
  return { values, newLayers };
}

/** Throws where a weight of the checkpoint is missing, misshapen or no number, and names it. */
export async function checkWeights({ tensors, metadata }: Checkpoint): Promise<void> {
  const model = await loadModel(metadata.model);
  for (const { name, shape } of model.parameters.list) {
    const { data } = tensorOf(tensors, name, shape);
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new Error(`the checkpoint's tensor ${name} holds ${data[at]}, expected finite numbers`);
  }
}

/**
 * Sentences on what a run of the network `to` does not take over from a checkpoint of the network
 * `from`: "The last layer is new: 2 classes became 3."
 */
export function newLayerRemarks(from: ModelConfig, to: ModelConfig): string[] {
  const remarks: string[] = [];
  if (from.channels !== to.channels) {
    remarks.push(
      `The first layer is new: ${counted(from.channels, "channel")} became ${to.channels}.`,
    );
  }
  const [before, now] = [from.classNames, to.classNames];
  if (from.classes !== to.classes) {
    // An FCN scores the classes at several depths.
    const layers = to.architecture === "unet" ? "layer is" : "layers are";
    remarks.push(`The last ${layers} new: ${from.classes} classes became ${to.classes}.`);
  } else if (before && now && before.join() !== now.join()) {
    remarks.push(
      `The last layer is kept, although the classes have other names: ${before.join(", ")} ` +
        `became ${now.join(", ")}.`,
    );
  }
  return remarks;
}

/** The layers with a tensor that has another shape in the other network: weight and bias go together. */
function differingLayers(model: Model, other: Model): string[] {
  const shapes = new Map(other.parameters.list.map(({ name, shape }) => [name, shape.join()]));
  const differing = model.parameters.list.filter(
    ({ name, shape }) => shapes.get(name) !== shape.join(),
  );
  return [...new Set(differing.map(({ name }) => layerOf(name)))];
}

/** "head.weight" belongs to "head". */
const layerOf = (parameter: string) => parameter.slice(0, parameter.lastIndexOf("."));

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`;
