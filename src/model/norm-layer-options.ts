// The options of layers with a norm.

import type { Conv2dOptions } from "../ops/convolution/general-conv2d.js";
import type { NormOptions } from "../ops/norm/norm.js";

/** How a layer normalises. */
export interface NormLayerOptions extends Pick<NormOptions, "epsilon" | "activation" | "slope"> {
  /**
   * "batch" (the default) has running averages; "layer" normalises the channels of each pixel.
   */
  readonly kind?: "batch" | "instance" | "group" | "layer" | undefined;
  /** Of "group": the number of groups of channels. */
  readonly groups?: number | undefined;
  /** Of "batch": the share of a batch in the running averages. By default 0.1. */
  readonly momentum?: number | undefined;
}

/** A convolution and a batch norm of its result. */
export type ConvNormOptions = Omit<Conv2dOptions, "name" | "activation"> &
  Omit<NormLayerOptions, "kind" | "groups">;
