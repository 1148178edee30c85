// The options of a network: a row each, from which everything else about it follows.

import { number, shown, whole } from "./rows.js";

export const NETWORK_OPTIONS = {
  /** Channels of the first level; the papers have 64. Deeper levels have more. */
  base: shown(
    "Channels in first layer",
    whole({
      default: 16,
      least: 1,
      most: 1024,
      group: "Network",
      value: "N",
      words: "channels of the first level; the paper has 64",
      isFixed: true,
      isInPlan: true,
    }),
  ),
  /** Number of poolings; the U-Net of the paper has 4, an FCN 5. */
  depth: shown(
    "Depth",
    whole({
      default: 4,
      least: 1,
      most: 8,
      group: "Network",
      value: "N",
      words: "number of poolings; the paper has 4",
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
    words: "channels of the images: 1 grey, 3 colour",
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
    words: "number of classes; 2: black membrane, white cell",
    usual: "as many as the labels have",
    isFixed: true,
    isInPlan: true,
  }),
  /**
   * Dropout rate, 0 to below 1: after the two deepest blocks of a U-Net's contracting path, after
   * the two layers of an FCN that take the place of VGG-16's classifier.
   */
  dropout: number({
    default: 0,
    least: 0,
    below: 1,
    group: "Network",
    value: "X",
    words: "dropout rate at the deepest levels, 0 to below 1",
    isFixed: true,
  }),
};
