// The options of a network, one row each, from which everything else about them is derived.

import { number, shown, whole } from "./rows.js";
import { UNET_OPTIONS } from "./unet-options.js";

/** The options of every built-in network by name: default, range and words of each. */
export const NETWORK_OPTIONS = {
  /** Channels of the first level, 64 in the papers. Deeper levels have more. */
  base: shown(
    "Channels in first layer",
    whole({
      default: 16,
      least: 1,
      most: 1024,
      group: "Network",
      value: "N",
      words: "channels of the first layer; the paper has 64",
      isFixed: true,
      isInPlan: true,
    }),
  ),
  /** Number of poolings: 4 in the U-Net of the paper, 5 in an FCN. */
  depth: shown(
    "Depth",
    whole({
      default: 4,
      least: 1,
      most: 8,
      group: "Network",
      value: "N",
      words: "number of pooling layers; the paper has 4",
      isFixed: true,
      isInPlan: true,
    }),
  ),
  /** Channels of the input image: 1 for grey, 3 for RGB. */
  channels: whole({
    default: 1,
    least: 1,
    most: 1024,
    group: "Data",
    value: "N",
    words: "channels of the images: 1 for grey, 3 for RGB",
    usual: "those of the images",
    isInPlan: true,
  }),
  /** Number of classes; 2 for membrane and cell. */
  classes: whole({
    default: 2,
    least: 2,
    most: 255,
    group: "Data",
    value: "N",
    words: "number of classes, such as 2 for membrane (black) and cell (white)",
    usual: "as many as the labels have",
    isFixed: true,
    isInPlan: true,
  }),
  /**
   * Dropout rate, 0 to below 1: after the two deepest blocks of a U-Net's contracting path, or
   * after the two layers of an FCN that replace VGG-16's classifier.
   */
  dropout: number({
    default: 0,
    least: 0,
    below: 1,
    group: "Network",
    value: "X",
    words: "dropout rate at the deepest levels",
    isFixed: true,
  }),
};

/** The same with those that only U-Nets have. */
export const MODEL_OPTIONS = { ...NETWORK_OPTIONS, ...UNET_OPTIONS };
