// Layers with a norm, by the names of their parameters, which are PyTorch's: "name.weight" is the gain,
// "name.bias" the bias, "name.running_mean" and "name.running_var" are the running averages of a batch
// norm.

import { checkKeys, checkWord, type Keys } from "../arguments/keys.js";
import { ShapeError, type Tensor } from "../graph/tensor.js";
import { conv2d } from "../ops/convolution/general-conv2d.js";
import { batchNorm } from "../ops/norm/batch-norm.js";
import { foldBatchNorm } from "../ops/norm/fold-norm.js";
import { groupNorm, instanceNorm, layerNorm } from "../ops/norm/norm.js";
import type { Layers } from "./layers.js";
import type { Dropout } from "./model.js";
import type { NormLayerOptions } from "./norm-layer-options.js";
import type { ParameterSpec } from "./parameters.js";

/**
 * Returns the gain and bias of a norm, which begin as 1 and 0, and the running averages of a batch
 * norm: mean 0 and variance 1. For other norms pass `{ running: false }`.
 */
export function normParameters(
  name: string,
  channels: number,
  { running = true }: { readonly running?: boolean | undefined } = {},
): ParameterSpec[] {
  const own = (what: string, init: number, isBuffer: boolean): ParameterSpec => {
    return { name: `${name}.${what}`, shape: [channels], init, ...(isBuffer && { isBuffer }) };
  };
  return [
    own("weight", 1, false),
    own("bias", 0, false),
    ...(running ? [own("running_mean", 0, true), own("running_var", 1, true)] : []),
  ];
}

const OPTIONS: Keys<NormLayerOptions> = {
  kind: 1,
  groups: 1,
  momentum: 1,
  epsilon: 1,
  activation: 1,
  slope: 1,
};

/** Returns the layers with a norm, and convolutions with every option. */
export function normLayersOf(
  parameters: ReadonlyMap<string, Tensor>,
  { get }: Pick<Layers, "get">,
  training: Dropout | undefined,
): Pick<Layers, "conv" | "norm" | "convNorm"> {
  const conv: Layers["conv"] = (x, name, options) =>
    conv2d(x, get(`${name}.weight`), parameters.get(`${name}.bias`), { ...options, name });
  const affine = (name: string) => {
    return { gain: parameters.get(`${name}.weight`), bias: parameters.get(`${name}.bias`) };
  };
  const runningOf = (name: string) => {
    return { mean: get(`${name}.running_mean`), variance: get(`${name}.running_var`) };
  };
  const batch = (x: Tensor, name: string, options: NormLayerOptions) => {
    const isTraining = training !== undefined;
    if (isTraining && !training.updates) {
      throw new ShapeError(
        `${name}: a batch norm updates its running averages: pass a list \`updates\` to the model's logits, ` +
          "and run what is in it",
      );
    }
    const own = { ...affine(name), running: runningOf(name), training: isTraining, name };
    const { y, updates } = batchNorm(x, { ...options, ...own });
    training?.updates?.push(...updates);
    return y;
  };
  const norm: Layers["norm"] = (x, name, options = {}) => {
    checkKeys(name, options, OPTIONS);
    const { kind = "batch", groups, momentum, ...rest } = options;
    checkWord(`${name}: the kind of the norm`, kind, ["batch", "instance", "group", "layer"]);
    if (kind === "batch") return batch(x, name, { ...rest, momentum });
    const own = { ...rest, ...affine(name), name };
    if (kind === "group") return groupNorm(x, groups as number, own);
    return kind === "instance" ? instanceNorm(x, own) : layerNorm(x, [1], own);
  };
  return {
    conv,
    norm,
    convNorm(x, name, normName, options = {}) {
      const { epsilon, momentum, slope, activation = "none", ...own } = options;
      // A convolution does no leaky ReLU, so that takes a pass of its own in any case.
      if (training || activation === "leakyRelu") {
        return norm(conv(x, name, own), normName, { epsilon, momentum, slope, activation });
      }
      const folded = foldBatchNorm(get(`${name}.weight`), parameters.get(`${name}.bias`), {
        ...affine(normName),
        running: runningOf(normName),
        epsilon,
        name: `${normName} folded`,
      });
      return conv2d(x, folded.weight, folded.bias, { ...own, activation, name });
    },
  };
}
