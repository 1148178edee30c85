// The layers of a network by name: each uses the parameters "name.weight" and "name.bias".

import { ShapeError, type Tensor } from "../graph/tensor.js";
import type { Conv2dOptions } from "../ops/convolution/general-conv2d.js";
import {
  conv2d,
  dropout,
  type Conv2dOptions as PlainConv2dOptions,
  upConv2d,
} from "../ops/network-ops.js";
import type { Dropout } from "./model.js";
import type { ConvNormOptions, NormLayerOptions } from "./norm-layer-options.js";

/** Layers by the names of their parameters. */
export interface Layers {
  /** Returns a parameter. Throws if there is none with this name. */
  get(name: string): Tensor;
  /** Returns an input besides the image (`GraphDefinition.inputs`). Throws if there is none with this name. */
  input(name: string): Tensor;
  /** A convolution of any kind, with a bias if the model has the parameter. */
  conv(x: Tensor, name: string, options?: Omit<Conv2dOptions, "name">): Tensor;
  /** A 2x2 up-convolution, with a bias if the model has the parameter. */
  upConv(x: Tensor, name: string): Tensor;
  /**
   * Dropout with this rate, 0 to below 1, when training; returns x itself when predicting. Layers
   * with different streams, which are whole numbers, drop independently.
   */
  drop(x: Tensor, name: string, rate: number, stream: number): Tensor;
  /**
   * A norm, with a gain and a bias if the model has the parameters (`normParameters`). A batch norm
   * normalises by its batch when training, and by its running averages when predicting.
   */
  norm(x: Tensor, name: string, options?: NormLayerOptions): Tensor;
  /**
   * The convolution `name` and a batch norm `normName` of its result, with the norm's activation. When
   * predicting the norm is folded into the weights, so that it costs nothing.
   */
  convNorm(x: Tensor, name: string, normName: string, options?: ConvNormOptions): Tensor;
}

/** The layers of the built-in networks. */
export interface PlainLayers extends Omit<Layers, "norm" | "convNorm" | "conv" | "input"> {
  /** A convolution with stride 1. */
  conv(x: Tensor, name: string, options?: Omit<PlainConv2dOptions, "name">): Tensor;
}

/** Returns the layers of the built-in networks, which load no code of norms. */
export function layersOf(
  parameters: ReadonlyMap<string, Tensor>,
  training: Dropout | undefined,
): PlainLayers {
  const get = (name: string) => {
    const tensor = parameters.get(name);
    if (!tensor) throw new ShapeError(`the model has no parameter ${name}`);
    return tensor;
  };
  const bias = (name: string) => parameters.get(`${name}.bias`);
  return {
    get,
    conv: (x, name, options) => conv2d(x, get(`${name}.weight`), bias(name), { ...options, name }),
    upConv: (x, name) => upConv2d(x, get(`${name}.weight`), bias(name), name),
    drop(x, name, rate, stream) {
      if (!training || rate === 0) return x;
      const { step, seed, before } = training;
      return dropout(x, step, { seed, before, rate, stream, name: `${name}.dropout` });
    },
  };
}
