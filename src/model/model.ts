// What a model is: parameters, and a function from an image tensor to logits.

import type { Tensor } from "../graph/tensor.js";
import type { ParameterLayout } from "./parameters.js";

/** Values by name, as a file or a caller has them. */
export type Fields = { readonly [name: string]: unknown };

/**
 * What a model is made of: the name of its architecture, the channels of its images, the number of its
 * classes, and next to them the architecture's own fields (`base` and `depth` of a U-Net). Files store
 * it as JSON.
 */
export type ModelConfig<Own extends Fields = Fields> = Own & {
  /** "unet", "lab.res-unet". */
  readonly architecture: string;
  /** Channels of the input image: 1 for grey, 3 for RGB. */
  readonly channels: number;
  /** Number of classes; 2 for membrane and cell. */
  readonly classes: number;
};

export interface Dropout {
  /** Dense; its first element is the number of the step. */
  readonly step: Tensor;
  readonly seed: number;
  /** The place in `step` of the number of images before these (ops/dropout.ts). */
  readonly before?: number | undefined;
}

/** What is trained and predicted with: one of ours (`createModel`), or anybody's. */
export interface Model<Own extends Fields = Fields> {
  /** What it was made of: checkpoints hold it, and its architecture makes the same model of it. */
  readonly config: ModelConfig<Own>;
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

export const isModel = (given: ModelConfig | Model): given is Model =>
  typeof (given as Model | undefined)?.logits === "function";
