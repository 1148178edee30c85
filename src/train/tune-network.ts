// Tunes a network: the layers of its training step, then those of prediction.

import type { Device } from "../gpu/device.js";
import { type TuneOptions, type TuneResult, tune } from "../gpu/tune.js";
import { loadModel } from "../model/load-model.js";
import type { Model, ModelConfig } from "../model/model.js";
import { predictionSpec } from "../predict/tile-graph.js";
import { checkTrainerOptions, stepSpec } from "./step-graph.js";
import type { TrainerOptions } from "./trainer-states.js";

/**
 * Chooses the kernels for a training step of a model and, with the rest of the budget, for its
 * prediction in tiles of the side `predictionTile`, if given. Sets `device.choices`, which later
 * plans follow; `saveTuning` stores them. Throws for a tile that the model does not accept.
 */
export function tuneNetwork(
  device: Device,
  given: ModelConfig | Model,
  options: TrainerOptions,
  { predictionTile, ...tuning }: TuneOptions & { readonly predictionTile?: number } = {},
): Promise<TuneResult> {
  checkTrainerOptions("tuneNetwork", options);
  return loadModel(given).then((model) => {
    const specs = [stepSpec(model, options)];
    if (predictionTile !== undefined) specs.push(predictionSpec(model, predictionTile));
    return tune(device, specs, tuning);
  });
}
