// Describes what a watch has found, in a sentence. Pages load this only when there is something to
// report.

import { firstNotFinite, placeIn } from "../arguments/numbers.js";
import type { State } from "../gpu/state.js";
import { text } from "../graph/tensor.js";
import type { Model } from "../model/model.js";
import { slice } from "../model/parameters.js";
import { lowerRate } from "./schedule.js";
import { LOSS_HISTORY, MOMENTS, type TrainerOptions } from "./trainer-states.js";

/** What a trainer passes to describe a fault. */
export interface Watched {
  readonly model: Model;
  readonly options: TrainerOptions;
  readonly states: Readonly<Record<string, State>>;
  stepCount(): number;
}

/** Names the first tensor that contains NaN or infinity after `step` steps, and the losses. */
export async function describeFault(watched: Watched, step: number): Promise<string> {
  const { model, options, states } = watched;
  const found: string[] = [];
  for (const name of ["parameters", ...MOMENTS[options.optimizer]]) {
    const flat = await states[name].read();
    const { list, trained } = model.parameters;
    for (const parameter of name === "parameters" ? list : trained) {
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
    `the weights are no longer finite by step ${step}: ${found[0]}${others}; ` +
    `${await describeLosses(states.losses, step)}. Training diverged: ${lowerRate(options)}, ` +
    "and check the images for extreme values"
  );
}

/** The last loss that is a number and the first that is none, of `ring`'s steps up to `end`. */
async function describeLosses(ring: State, end: number): Promise<string> {
  if (end === 0) return "no step was done yet";
  const history = await ring.read();
  const at = (step: number) => history[(step - 1) % LOSS_HISTORY];
  const first = Math.max(1, end - LOSS_HISTORY + 1);
  let step = first;
  while (step < end && Number.isFinite(at(step))) step++;
  const said = `the loss became ${at(step)} at step ${step}`;
  return step > first ? `${said} after ${at(step - 1)}` : said;
}
