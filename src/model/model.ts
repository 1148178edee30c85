// The definition of a model: parameters, and a function from an image tensor to logits.

import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import type { ParameterLayout } from "./parameters.js";

/** Values by name, as read from a file or given by a caller. */
export type Fields = { readonly [name: string]: unknown };

/**
 * The configuration of a model: the name of its architecture, the channels of its images, the
 * number of classes, and the architecture's own fields (`base` and `depth` for a U-Net). Files
 * store it as JSON.
 */
export type ModelConfig<Own extends Fields = Fields> = Own & {
  /** For example "unet" or "lab.res-unet". */
  readonly architecture: string;
  /** Channels of the input image: 1 for grey, 3 for RGB. */
  readonly channels: number;
  /** Number of classes; 2 for membrane and cell. */
  readonly classes: number;
};

/** What the graph of a training step needs: how its dropout is seeded, and a list for updates. */
export interface Dropout {
  /** Dense. Its first element is the number of the step. */
  readonly step: Tensor;
  /** One seed gives the same masks. */
  readonly seed: number;
  /** The index in `step` of the number of images before this batch (ops/elementwise/dropout.ts). */
  readonly before?: number | undefined;
  /**
   * Layers add the nodes that a step must run too, for `PlanSpec.updates`: those of a batch norm's
   * running averages.
   */
  readonly updates?: Node[] | undefined;
}

/**
 * A tensor that a network reads besides its image: planes as large as the image, [N,channels,S,S], or
 * numbers, [N,values]. Neither is normalised.
 */
export type NetworkInput = { readonly channels: number } | { readonly values: number };

/** What a network computes from an image: logits [N,K,S',S'], and maps of other heads by name. */
export type NetworkOutputs = { readonly logits: Tensor } & { readonly [name: string]: Tensor };

/** What the loss of a training step is computed from. */
export interface LossTensors {
  /** The batch's images [N,C,S,S], normalised. */
  readonly image: Tensor;
  /** [N,K,S',S'] */
  readonly logits: Tensor;
  /** All outputs of the network by name, the logits too. */
  readonly outputs: NetworkOutputs;
  /** [N,1,S',S'], the class of each pixel. */
  readonly label: Tensor;
  /** [N,1,S',S'], the weight of each pixel: 0 where it is not labelled. */
  readonly weight: Tensor;
  /** [N,channels,S',S'] by name: what the batches have in addition (`TrainOptions.targets`). */
  readonly targets: { readonly [name: string]: Tensor };
}

/** Returns the loss, one number [1], whose gradients train the network. */
export type LossFunction = (tensors: LossTensors) => Tensor;

/** A network to train and to predict with: a built-in one (`createModel`) or a user's. */
export interface Model<Own extends Fields = Fields> {
  /**
   * Its configuration, which checkpoints contain and from which its architecture builds the same
   * model.
   */
  readonly config: ModelConfig<Own>;
  /** A description: "U-Net of base 16, depth 4". */
  readonly title: string;
  /** Names, shapes and places of the weights and buffers. */
  readonly parameters: ParameterLayout;
  /**
   * Builds the graph from x [N,C,S,S] to logits [N,K,S',S']: with `dropout` for training, without
   * for prediction.
   */
  logits(x: Tensor, parameters: ReadonlyMap<string, Tensor>, dropout?: Dropout): Tensor;
  /** The same with all outputs, of a network that has others besides the logits. */
  outputs?(x: Tensor, parameters: ReadonlyMap<string, Tensor>, dropout?: Dropout): NetworkOutputs;
  /** What the network reads besides the image, by name. Its graph has an input `inputs.NAME` of each. */
  readonly inputs?: { readonly [name: string]: NetworkInput } | undefined;
  /** The loss of its training. By default the weighted cross-entropy of the logits. */
  readonly loss?: LossFunction | undefined;
  /**
   * Returns the probabilities for the logits. By default a softmax over the classes. A model with a sigmoid per
   * class, whose classes do not exclude each other, has its own: it predicts and is not trained by `train`.
   */
  probabilities?(logits: Tensor): Tensor;
  /**
   * Returns the side of the output for an input of side `size`. Throws with the nearest valid
   * sizes.
   */
  outputSize(size: number): number;
  /** Returns the smallest valid input whose output has at least `size` pixels per side. */
  inputFor(size: number): number;
  /**
   * Tiles at distances that are multiples of this give the same pixels as the whole image. It is
   * also the distance between valid input sizes.
   */
  readonly gridStep: number;
  /**
   * Pixels at each side of the output that depend on the network's zero padding, which prediction
   * cuts. 0 for a U-Net, whose convolutions are valid.
   */
  readonly halo: number;
}

export const isModel = (given: ModelConfig | Model): given is Model =>
  typeof (given as Model | undefined)?.logits === "function";
