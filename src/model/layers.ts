// The layers of a network by name: each finds its parameters, "name.weight" and "name.bias".

import { ShapeError, type Tensor } from "../graph/tensor.js";
import { type Conv2dOptions, conv2d, dropout, upConv2d } from "../ops/index.js";
import type { Dropout } from "./model.js";

export interface Layers {
  /** A parameter. Throws where there is none of that name. */
  get(name: string): Tensor;
  /** A convolution, with a bias where there is one. */
  conv(x: Tensor, name: string, options?: Omit<Conv2dOptions, "name">): Tensor;
  /** A 2x2 up-convolution, with a bias where there is one. */
  upConv(x: Tensor, name: string): Tensor;
  /**
   * Dropout of that rate, 0 to below 1, in the network that is trained; x itself in the one that
   * predicts. Layers of different streams, whole numbers, drop independently.
   */
  drop(x: Tensor, name: string, rate: number, stream: number): Tensor;
}

export function layersOf(
  parameters: ReadonlyMap<string, Tensor>,
  training: Dropout | undefined,
): Layers {
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
