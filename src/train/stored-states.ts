// What a checkpoint holds of a trainer's states: named tensors, cut from the flat states and put back.

import type { State } from "../gpu/state.js";
import type { Model } from "../model/model.js";
import { slice } from "../model/parameters.js";
import { flatten } from "./restore.js";
import type { StepParts } from "./step-parts.js";
import { AVERAGE, MOMENTS, SCALING, type TrainerOptions } from "./trainer-states.js";
import type { CheckpointTensor } from "./training-types.js";

export interface StoredStates {
  /** The flat weights to predict with. */
  readonly weights: State;
  /** Weights under their names and the optimiser's state under `optimizer.*`. Waits for the GPU. */
  read(): Promise<Map<string, CheckpointTensor>>;
  /** Throws for tensors that do not fit; some states may be written by then. */
  write(tensors: ReadonlyMap<string, CheckpointTensor>): void;
}

export function storedStates(
  model: Model,
  { optimizer }: Pick<TrainerOptions, "optimizer">,
  { half }: StepParts,
  states: Readonly<Record<string, State>>,
): StoredStates {
  const weights = AVERAGE in states ? AVERAGE : "parameters";
  // Each flat state, with what its tensors' names begin with. Plain names are the weights to predict with.
  const stored: [state: string, prefix: string, isTrained?: boolean][] = [[weights, ""]];
  if (weights !== "parameters") stored.push(["parameters", "optimizer.parameters."]);
  for (const moment of MOMENTS[optimizer]) stored.push([moment, `${moment}.`, true]);
  return {
    weights: states[weights],
    async read() {
      const result = new Map<string, CheckpointTensor>();
      const { list, trained } = model.parameters;
      for (const [state, prefix, isTrained] of stored) {
        const flat = await states[state].read();
        for (const parameter of isTrained ? trained : list) {
          const name = `${prefix}${parameter.name}`;
          result.set(name, { shape: parameter.shape, data: slice(parameter, flat) });
        }
      }
      if (half) {
        const data = await states[SCALING].read();
        result.set(SCALING, { shape: [data.length], data });
      }
      return result;
    },
    write(tensors) {
      for (const [state, prefix, isTrained] of stored) {
        states[state].write(flatten(model, tensors, prefix, isTrained));
      }
      if (half) states[SCALING].write(half.savedScaling(tensors));
    },
  };
}
