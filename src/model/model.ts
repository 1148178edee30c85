// What a model is: parameters, and a function from an image tensor to logits.

import type { Tensor } from "../graph/tensor.js";
import type { NETWORK_OPTIONS } from "../options/network.js";
import type { OptionValues } from "../options/rules.js";
import type { ParameterLayout } from "./parameters.js";

/**
 * "unet": the network of Ronneberger, Fischer and Brox (2015), valid convolutions. "fcn8s": the fully
 * convolutional network of Long, Shelhamer and Darrell (2015) with few channels, to be trained from
 * scratch. "fcn32s-vgg16", "fcn16s-vgg16", "fcn8s-vgg16": theirs, on VGG-16.
 */
export type ArchitectureName = "unet" | "fcn8s" | "fcn8s-vgg16" | "fcn16s-vgg16" | "fcn32s-vgg16";

/** The network of a run: everything needed to build the same parameters again. */
export interface ModelConfig extends OptionValues<typeof NETWORK_OPTIONS> {
  readonly architecture: ArchitectureName;
  /** A name for each class, in the order of their indices. */
  readonly classNames?: readonly string[] | undefined;
  /** A colour for each class, "#rrggbb". */
  readonly classColours?: readonly string[] | undefined;
}

export interface Dropout {
  /** Dense; its first element is the number of the step. */
  readonly step: Tensor;
  readonly seed: number;
  /** The place in `step` of the number of images before these (ops/dropout.ts). */
  readonly before?: number | undefined;
}

export interface Model {
  readonly config: ModelConfig;
  /** In words: "U-Net of base 16, depth 4". */
  readonly title: string;
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
  /**
   * Tiles whose distance is a multiple of this give the pixels of the whole image. Valid inputs lie
   * as far apart.
   */
  readonly gridStep: number;
  /**
   * Pixels at each side of the output that depend on zeros past the input, the network's own padding:
   * prediction cuts them. 0 for a U-Net, whose convolutions are valid.
   */
  readonly halo: number;
}
