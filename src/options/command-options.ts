// Options of single commands, which are not part of a run's configuration.

import { optionalNumber, optionalWhole, whole } from "./rows.js";

/** Options of `tune`. */
export const TUNING_OPTIONS = {
  predictTile: optionalWhole({
    least: 1,
    group: "Tuning",
    value: "N",
    words: "also tune prediction with tiles of this side",
  }),
  budget: optionalNumber({
    above: 0,
    group: "Tuning",
    value: "S",
    words: "time limit in seconds",
    usual: "12; 2.5 on a GPU",
  }),
};

/** Options of `train` and `compare` for how a run is executed; they do not change its result. */
export const RUNNING_OPTIONS = {
  workers: whole({
    default: 1,
    least: 0,
    most: 64,
    group: "Training",
    value: "N",
    words: "worker threads that cut and augment tiles; 0: the main thread",
  }),
};
