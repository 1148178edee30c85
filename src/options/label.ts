// The options for reading labels whose files do not show how: a row each.

import { choice, optionalChoice, optionalNumber, optionalWhole, toggle } from "./rows.js";

const group = "Data";

export const LABEL_OPTIONS = {
  /**
   * How labels mark pixels that nobody labelled: a value of the files, for which this is the range, or a
   * colour. 32 bits hold it.
   */
  ignore: optionalWhole({
    least: -(2 ** 31),
    most: 2 ** 32 - 1,
    group,
    value: "VALUE|COLOUR",
    words:
      "how the labels mark unlabelled pixels, which are ignored: a value, or a colour in quotes: 255, " +
      '"#ff00ff"',
  }),
  /** Each number above 0 is a cell of its own. */
  instances: toggle({
    default: false,
    group,
    words:
      "labels hold one number per cell: train cell and background, with touching cells separated",
  }),
  /** Pixels above it, in the numbers of the files, are class 1. */
  labelThreshold: optionalNumber({
    least: -(2 ** 32),
    most: 2 ** 32,
    group,
    value: "VALUE",
    words: "labels are grey images: pixels above this value, as stored in the files, are class 1",
  }),
  /** The channel that holds the label. */
  labelChannel: optionalChoice(["alpha"], {
    group,
    value: "NAME",
    words: "labels are in the alpha channel of their files",
  }),
};

/** Of `train` and `compare`, with `--instances`: what is made of single cells; a checkpoint's task has it. */
export const OBJECT_OPTIONS = {
  objects: choice(["gap", "border"], {
    default: "gap",
    group,
    value: "KIND",
    words:
      "with --instances: what separates touching cells: gap, a line of background; border, a " +
      "separate class around each cell",
    isFixed: true,
  }),
};
