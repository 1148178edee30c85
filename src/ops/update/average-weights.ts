// Exponential moving average of the weights (Polyak averaging): what a noisy optimiser hovers around.

import { expectDense, type Node, type Op, type Tensor } from "../../graph/tensor.js";
import { perGroup } from "../common/per-group.js";

interface Attributes {
  readonly decay: number;
}

/**
 * average = d average + (1 - d) parameters, with d = min(decay, (1 + t) / (10 + t)) at step t from 0;
 * to be listed behind the update. Flat states of one length; `step` is an input [4] that begins with
 * the step's number.
 */
export function averageWeights(
  { parameters, average, step }: { parameters: Tensor; average: Tensor; step: Tensor },
  decay: number,
): Node {
  const inputs = [parameters, step, average];
  averageWeightsOp.outputs(inputs, { decay });
  const op = averageWeightsOp;
  const node: Node<Attributes> = { name: op.name, op, attributes: { decay }, inputs, outputs: [] };
  return node as Node;
}

export const averageWeightsOp: Op<Attributes> = {
  name: "average-weights",
  outputs([parameters, step, average]) {
    expectDense("average-weights", "average", average, parameters.shape);
    expectDense("average-weights", "step", step, [4]);
    return [];
  },
  dispatches({ inputs: [parameters, step, average], attributes }) {
    const bindings = [parameters, step, average];
    return [perGroup("average-weights", parameters, bindings, { decay: attributes.decay })];
  },
};
