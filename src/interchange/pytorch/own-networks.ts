// Weights of PyTorch for networks of this engine: of a module that `exportPytorch` wrote, and of torchvision's VGG-16,
// which the FCNs begin with.

import { createModel } from "../../model/architectures.js";
import { initialValues, slice } from "../../model/parameters.js";
import type { Checkpoint, CheckpointTensor } from "../../train/training-types.js";
import type { Weights } from "./renamed-weights.js";

/** Whether the names are those of this engine's U-Nets. */
export const isOwn = (weights: Weights): boolean =>
  weights.has("encoder1.conv1.weight") && weights.has("bottleneck.conv1.weight");

/** Counters of batch norms, which only PyTorch has. */
const EXTRA = /num_batches_tracked$/;

/** Returns the checkpoint `like` with other weights. Throws if one is missing, has another shape, or is left over. */
export function likeCheckpoint(weights: Weights, like: Checkpoint): Checkpoint {
  const { metadata, models } = like;
  const { list } = createModel(metadata.model, models).parameters;
  const known = new Set(list.map(({ name }) => name));
  const left = [...weights.keys()].filter((name) => !known.has(name) && !EXTRA.test(name));
  if (left.length > 0) throw new Error(`the network has no weight ${left.slice(0, 3).join(", ")}`);
  const tensors = list.map(({ name, shape }) => [name, fitting(weights, name, shape)] as const);
  const { progress: _progress, ...rest } = metadata;
  return { tensors: new Map(tensors), metadata: rest, ...(models && { models }) };
}

function fitting(weights: Weights, name: string, shape: readonly number[], from = name) {
  const weight = weights.get(from);
  if (!weight) throw new Error(`it has no weight ${from}`);
  const count = shape.reduce((product, size) => product * size, 1);
  // A fully connected layer has the numbers of a convolution in the same order.
  const isSame = weight.shape.join() === shape.join();
  if (!isSame && !(from !== name && weight.data.length === count)) {
    throw new Error(`its weight ${from} is [${weight.shape}], expected [${shape}]`);
  }
  const data = Float32Array.from(weight.data);
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw new Error(`the weight ${from} has the value ${data[wrong]} at ${wrong}`);
  return { shape, data } satisfies CheckpointTensor;
}

/** Whether the names are those of torchvision's VGG-16. */
export const isVgg16 = (weights: Weights): boolean =>
  weights.has("features.28.weight") && weights.has("classifier.3.weight");

/** Convolutions of VGG-16 by their place among its layers. */
const FEATURES = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28];
const BLOCKS = [2, 2, 3, 3, 3];

/** The statistics of ImageNet's images, with which torchvision's networks were trained. */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

/**
 * Returns an FCN-8s of Long, Shelhamer and Darrell with the layers of a VGG-16: its classifier as convolutions, its
 * last layer left out, scores that begin as 0. Throws if a weight is missing or has another shape.
 */
export function fcnOfVgg16(weights: Weights): Checkpoint {
  const [base, channels] = weights.get("features.0.weight")?.shape ?? [];
  const config = {
    architecture: "fcn8s-vgg16",
    base,
    depth: 5,
    dropout: 0.5,
    channels,
    classes: 2,
  };
  const { parameters } = createModel(config);
  const names = BLOCKS.flatMap((count, i) =>
    Array.from({ length: count }, (_, j) => `conv${i + 1}_${j + 1}`),
  );
  const sources = new Map([
    ...names.map((name, i) => [name, `features.${FEATURES[i]}`] as const),
    ["fc6", "classifier.0"],
    ["fc7", "classifier.3"],
  ]);
  const first = initialValues(parameters, 1);
  const tensors = parameters.list.map((parameter) => {
    const { name, shape } = parameter;
    const at = name.lastIndexOf(".");
    const source = sources.get(name.slice(0, at));
    if (source) return [name, fitting(weights, name, shape, source + name.slice(at))] as const;
    const own = slice(parameter, first).slice();
    return [name, { shape, data: name.startsWith("score") ? own.fill(0) : own }] as const;
  });
  const isColour = channels === MEAN.length;
  const normalisation = isColour
    ? ({ kind: "statistics", mean: MEAN, deviation: DEVIATION } as const)
    : ({ kind: "image" } as const);
  return { tensors: new Map(tensors), metadata: { model: config, normalisation } };
}
