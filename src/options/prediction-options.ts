// The options of a prediction: a row each.

import { number, optionalWhole, whole } from "./rows.js";

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
