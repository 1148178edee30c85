// What a model is: parameters, and a function from an image tensor to logits.

import type { Tensor } from "../graph/tensor.js";
import type { ParameterLayout } from "./parameters.js";

/** The network of a run: everything needed to build the same parameters again. */
export interface ModelConfig {
  /** "unet": the network of Ronneberger, Fischer and Brox (2015), valid convolutions. */
  readonly architecture: "unet";
  /** Channels of the first level; the paper has 64. Each deeper level doubles them. */
  readonly base: number;
  /** Number of poolings; the paper has 4. */
  readonly depth: number;
  /** Channels of the input image: 1 for grey, 3 for RGB. */
  readonly channels: number;
  /** Number of classes; 2 for membrane and cell. */
  readonly classes: number;
  /** Dropout rate behind the two deepest blocks of the contracting path, 0 to below 1. */
  readonly dropout: number;
}

export interface Dropout {
  /** Dense; its first element is the number of the step. */
  readonly step: Tensor;
  readonly seed: number;
}

export interface Model {
  readonly config: ModelConfig;
  readonly parameters: ParameterLayout;
  /**
   * The graph from x [N,C,S,S] to logits [N,K,S',S']. With `dropout` it is the network that is
   * trained, without it the one that predicts.
   */
  logits(x: Tensor, parameters: ReadonlyMap<string, Tensor>, dropout?: Dropout): Tensor;
  /** Side of the output for an input of side `size`. Throws, with the nearest valid sizes. */
  outputSize(size: number): number;
  /** The smallest valid input whose output has at least `size` pixels a side. */
  inputFor(size: number): number;
  /** Tiles whose distance is a multiple of this give the pixels of the whole image. */
  readonly stride: number;
}
