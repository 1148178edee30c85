// Exponential moving average of the weights (Polyak averaging), around which a noisy optimizer
// moves.

import { applyUpdate, type Node, type Op } from "../../graph/op.js";
import { expectDense, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

interface Attributes {
  readonly decay: number;
}

/**
 * Updates average = d average + (1 - d) parameters, with d = min(decay, (1 + t) / (10 + t)) at step
 * t from 0. List it after the optimizer's update. The states are flat and of the same length;
 * `step` is an input [4] that begins with the number of the step.
 */
export function averageWeights(
  { parameters, average, step }: { parameters: Tensor; average: Tensor; step: Tensor },
  decay: number,
): Node {
  return applyUpdate(averageWeightsOp, [parameters, step, average], { decay });
}

export const averageWeightsOp: Op<Attributes> = {
  name: "average-weights",
  outputs([parameters, step, average]) {
    expectDense("average-weights", "average", average, parameters.shape);
    expectDense("average-weights", "step", step, [4]);
    return [];
  },
  kernels: [
    {
      name: "average-weights",
      dispatches({ inputs: [parameters, step, average], attributes: { decay } }) {
        const bindings = [parameters, step, average] as const;
        return [perGroup(shaders.averageWeights, parameters, { bindings, uniforms: { decay } })];
      },
    },
  ],
};
