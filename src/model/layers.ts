// The layers of a network by name: each uses the parameters "name.weight" and "name.bias".

import { ShapeError, type Tensor } from "../graph/tensor.js";
import { type Conv2dOptions, conv2d, dropout, upConv2d } from "../ops/index.js";
import type { Dropout } from "./model.js";
import type { NormLayers } from "./norm-layers.js";

/** The layers that the built-in networks use, by the names of their parameters. */
export interface CoreLayers {
  /** Returns a parameter. Throws if there is none with this name. */
  get(name: string): Tensor;
  /** A convolution, with a bias if the model has the parameter. */
  conv(x: Tensor, name: string, options?: Omit<Conv2dOptions, "name">): Tensor;
  /** A 2x2 up-convolution, with a bias if the model has the parameter. */
  upConv(x: Tensor, name: string): Tensor;
  /**
   * Dropout with this rate, 0 to below 1, when training; returns x itself when predicting. Layers
   * with different streams, which are whole numbers, drop independently.
   */
  drop(x: Tensor, name: string, rate: number, stream: number): Tensor;
}

/** Layers by the names of their parameters. */
export interface Layers extends CoreLayers, NormLayers {}

export function layersOf(
  parameters: ReadonlyMap<string, Tensor>,
  training: Dropout | undefined,
): CoreLayers {
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
