// Options of single commands, which no configuration of a run holds.

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
    words: "mean over N of the 8 turned and flipped views: 7 in the paper",
  }),
  threshold: number({
    default: 0.5,
    least: 0,
    below: 1,
    group: "Prediction",
    value: "P",
    words: "two classes: a pixel is class 1 above this probability",
  }),
};

/** Of `tune`. */
export const TUNING_OPTIONS = {
  predictTile: optionalWhole({
    least: 1,
    group: "Tuning",
    value: "N",
    words: "also tune prediction in tiles of this side",
  }),
  budget: optionalNumber({
    above: 0,
    group: "Tuning",
    value: "S",
    words: "seconds to spend",
    usual: "12; 2.5 on a GPU",
  }),
};

/** Of `train` and `compare`: how a run is done, whose result is the same. */
export const RUNNING_OPTIONS = {
  workers: whole({
    default: 1,
    least: 0,
    most: 64,
    group: "Training",
    value: "N",
    words: "threads that cut and vary the tiles; 0: the main thread",
  }),
};
