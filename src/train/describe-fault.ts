// What a watch has found, in a sentence. A page loads this when there is something to tell.

import { firstNotFinite, placeIn } from "../arguments/numbers.js";
import type { State } from "../gpu/state.js";
import { text } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { slice } from "../model/parameters.js";
import type { LossHistory } from "./loss-history.js";
import { MOMENTS, type TrainerOptions } from "./trainer-states.js";

/** What a trainer hands over, to describe what is found. */
export interface Watched {
  readonly model: Model;
  readonly options: TrainerOptions;
  readonly states: Readonly<Record<string, State>>;
  readonly losses: LossHistory;
  stepCount(): number;
}

/** Names the first tensor that holds NaN or infinity after `step` steps, and the losses. */
export async function describeFault(watched: Watched, step: number): Promise<string> {
  const { model, options, states } = watched;
  const found: string[] = [];
  for (const name of ["parameters", ...MOMENTS[options.optimizer]]) {
    const flat = await states[name].read();
    for (const parameter of model.parameters.list) {
      const values = slice(parameter, flat);
      const at = firstNotFinite(values);
      if (at < 0) continue;
      const prefix = name === "parameters" ? "" : `${name}.`;
      const place = text(placeIn(parameter.shape, at));
      found.push(
        `${prefix}${parameter.name} ${text(parameter.shape)} is ${values[at]} at ${place}`,
      );
    }
  }
  const others = found.length > 1 ? `, and ${found.length - 1} more tensors hold such numbers` : "";
  return (
    `the weights are no numbers any more by step ${step}: ${found[0]}${others}; ` +
    `${await watched.losses.describe(step)}. Training diverged: use a learning rate below ` +
    `${options.learningRate}, and look for values in the images that are far off`
  );
}
