// Options of single commands, which no configuration of a run holds.

import { optionalNumber, optionalWhole, whole } from "./rows.js";

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
