// In what a U-Net may differ from the paper's.

import { choice, pattern, shown, toggle } from "./rows.js";

const OF_UNET = { group: "Network", isFixed: true, isInPlan: true } as const;

/**
 * The options of a U-Net by name. A configuration without one of them has its default, the paper's,
 * and files store only those that differ.
 */
export const UNET_OPTIONS = {
  /** Whether the 3x3 convolutions cut the border of their maps, or pad them with zeros. */
  padding: shown(
    "Border of 3x3 convolutions",
    choice(["valid", "same"], {
      default: "valid",
      ...OF_UNET,
      value: "KIND",
      words: "U-Net: padding of its 3x3 convolutions; same keeps the size of the image",
    }),
    { valid: "Cut, as in the paper", same: "Padded with zeros" },
  ),
  /** What normalises the maps of each convolution; "group" has 8 groups of channels. */
  norm: shown(
    "Norm of each convolution",
    choice(["none", "batch", "instance", "group"], {
      default: "none",
      ...OF_UNET,
      value: "KIND",
      words:
        "U-Net: norm of each convolution; instance and group norms take the statistics of a tile",
    }),
    {
      none: "None, as in the paper",
      batch: "Batch norm",
      instance: "Instance norm",
      group: "Group norm",
    },
  ),
  /** Whether the norm is before its convolution, without a gain and a bias. */
  normFirst: shown(
    "The norm before its convolution",
    toggle({
      default: false,
      ...OF_UNET,
      words: "U-Net: the norm before its convolution instead of after it",
    }),
  ),
  /** The function after each convolution; "leaky-relu" has the slope 0.01. */
  activation: shown(
    "Activation",
    choice(["relu", "leaky-relu", "elu", "silu"], {
      default: "relu",
      ...OF_UNET,
      value: "NAME",
      words: "U-Net: function after each convolution",
    }),
    { relu: "ReLU, as in the paper", "leaky-relu": "Leaky ReLU", elu: "ELU", silu: "SiLU" },
  ),
  /** Whether the input of each two convolutions is added to their result. */
  residual: shown(
    "Residual blocks: a shortcut around each two convolutions",
    toggle({
      default: false,
      ...OF_UNET,
      words: "U-Net: residual blocks, a shortcut around each two convolutions",
    }),
  ),
  /** How maps are made half as large: 2x2 max-pooling, or the first convolution of a level. */
  downsampling: shown(
    "Downsampling",
    choice(["max", "strided"], {
      default: "max",
      ...OF_UNET,
      value: "KIND",
      words: "U-Net: max-pooling, or strided convolutions",
    }),
    { max: "Max-pooling, as in the paper", strided: "Strided convolutions" },
  ),
  /**
   * How maps are made twice as large: a transposed 2x2 convolution; or resizing, with a 1x1
   * convolution to fewer channels ("-conv") or after a block that ends in fewer channels. "-corners":
   * the centres of the corner pixels coincide, so that predictions depend on the size of the tiles.
   */
  upsampling: shown(
    "Upsampling",
    choice(["transposed", "nearest", "linear", "nearest-conv", "linear-conv", "linear-corners"], {
      default: "transposed",
      ...OF_UNET,
      value: "KIND",
      words: "U-Net: transposed convolutions, or resizing, with or without a 1x1 convolution",
    }),
    {
      transposed: "Transposed convolutions, as in the paper",
      nearest: "Nearest neighbours",
      linear: "Linear",
      "nearest-conv": "Nearest neighbours, with a 1x1 convolution",
      "linear-conv": "Linear, with a 1x1 convolution",
      "linear-corners": "Linear, with aligned corners",
    },
  ),
  /** Whether training also compares the maps of the lower levels with the labels. */
  deepSupervision: shown(
    "Deep supervision: lower levels are compared with the labels too",
    toggle({
      default: false,
      ...OF_UNET,
      words: "U-Net: the loss also compares the lower levels of the decoder with the labels",
    }),
  ),
  /** Channels of each level instead of base, 2 base, 4 base, ...: depth + 1 numbers. */
  widths: shown(
    "Channels of each level",
    pattern({
      default: "",
      pattern: "([1-9]\\d{0,3}(,[1-9]\\d{0,3})*)?",
      form: "whole numbers with commas between them",
      ...OF_UNET,
      value: "LIST",
      words: "U-Net: channels of each level, depth + 1 numbers: 32,64,128",
      usual: "base, twice as many at each level",
    }),
  ),
};
