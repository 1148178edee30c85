// What `predict` is called with.

import type { PageMode } from "../../formats/image-file.js";
import type { PREDICTION_OPTIONS, SEPARATION_OPTIONS } from "../../options/prediction-options.js";
import type { OptionValues } from "../../options/rules.js";

export interface PredictOptions
  extends OptionValues<typeof PREDICTION_OPTIONS>,
    OptionValues<typeof SEPARATION_OPTIONS> {
  checkpoint: string;
  input: string;
  output: string;
  /** A module with the checkpoint's architecture. */
  model?: string;
  pages?: PageMode;
  /** Which part of the images, as `shardOf` reads it. */
  shard?: string;
  json?: boolean;
  /** Whether an output of `PREDICTION_OUTPUTS` is requested, by its name. */
  [output: string]: unknown;
}
