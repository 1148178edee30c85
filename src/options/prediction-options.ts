// The options of a prediction: a row each.

import { number, optionalNumber, optionalWhole, whole } from "./rows.js";

/** Of `predict`; `compare` has the second for its variants. */
export const PREDICTION_OPTIONS = {
  tile: optionalWhole({
    least: 1,
    group: "Prediction",
    value: "N",
    words: "side of the tiles in pixels",
    usual: "chosen by memory",
  }),
  symmetries: whole({
    default: 1,
    least: 1,
    most: 8,
    group: "Prediction",
    value: "N",
    words:
      "test-time augmentation (TTA): average N of the 8 flipped and rotated views; 7 in the paper",
  }),
  threshold: number({
    default: 0.5,
    least: 0,
    below: 1,
    group: "Prediction",
    value: "P",
    words: "with two classes: a pixel is class 1 above this probability",
  }),
};

/** Options of `predict --objects`: how cells are separated. */
export const SEPARATION_OPTIONS = {
  separation: optionalNumber({
    least: 0,
    group: "Prediction",
    value: "PX",
    words:
      "with --objects: how deep a neck must be to separate two cells, in pixels; 0: every neck",
    usual: "as chosen in training, else 1",
  }),
  cellThreshold: optionalNumber({
    least: 0,
    below: 1,
    group: "Prediction",
    value: "P",
    words: "with --objects: a pixel is cell above this probability",
    usual: "as chosen in training, else --threshold",
  }),
  holes: whole({
    default: 25,
    least: 0,
    group: "Prediction",
    value: "PX",
    words: "with --objects: fill holes of at most this many pixels",
  }),
  smallest: whole({
    default: 10,
    least: 0,
    group: "Prediction",
    value: "PX",
    words: "with --objects: drop objects of fewer pixels",
  }),
};
