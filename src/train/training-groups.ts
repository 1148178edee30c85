// Groups of parameters with learning rates and weight decays of their own, or frozen, in a training step.
// Pages load this when a run has them.

import { checkKeys, type Keys } from "../arguments/keys.js";
import type { Node } from "../graph/op.js";
import { constant, stateTensor, type Tensor } from "../graph/tensor.js";
import { groupUpdates, type ParameterGroup } from "../model/parameter-groups.js";
import type { Parameter, ParameterLayout } from "../model/parameters.js";
import { mul } from "../ops/formula/arithmetic.js";
import type { UpdateTensors } from "../ops/update/optimizers.js";
import type { TrainingGroup } from "./training-types.js";

const GROUP: Keys<TrainingGroup> = { match: 1, rate: 1, weightDecay: 1, frozen: 1 };

/** Returns the updates of a step: `make` creates that of some tensors with a weight decay. */
export type GroupedUpdates = (
  all: UpdateTensors,
  make: (tensors: UpdateTensors, weightDecay?: number) => Node,
) => Node[];

/** Throws for groups that are invalid or have no parameter. */
export function groupedUpdates(
  layout: ParameterLayout,
  groups: readonly TrainingGroup[],
): GroupedUpdates {
  for (const [i, group] of groups.entries()) checkGroup(`groups[${i}]`, group);
  const isOf = ({ match = () => true }: TrainingGroup, { name }: Parameter) =>
    typeof match === "function" ? match(name) : name.search(match) >= 0;
  const hasOthers = layout.trained.some((parameter) => !groups.some((own) => isOf(own, parameter)));
  const every: readonly TrainingGroup[] = hasOthers ? [...groups, {}] : groups;
  return ({ parameters: _, moments, gradients, ...shared }, make) => {
    const grouped = every.map(({ match, rate = 1, weightDecay, frozen }, i): ParameterGroup => {
      const update = (own: UpdateTensors) =>
        make({ ...own, gradients: partOf(gradients, own.gradients) }, weightDecay);
      return {
        match,
        frozen,
        moments: moments.map(({ name }) => name),
        update: frozen ? undefined : update,
        step: rate === 1 ? undefined : scaled(shared.step, rate, `rate of group ${i}`),
      };
    });
    return groupUpdates(layout, grouped, shared);
  };
}

function checkGroup(what: string, group: TrainingGroup): void {
  checkKeys(what, group, GROUP);
  for (const key of ["rate", "weightDecay"] as const) {
    const value = group[key] ?? 0;
    if (Number.isFinite(value) && value >= 0) continue;
    throw new Error(`${what}: ${key} must be a number from 0, got ${value}`);
  }
}

/** The same range of another flat state: with accumulated batches the gradients are their means. */
function partOf(flat: Tensor, { shape, source }: Tensor): Tensor {
  if (flat.source?.kind !== "state" || source?.kind !== "state") return flat;
  return stateTensor(flat.name, shape, flat.source.state, source.offset);
}

/** The input [4] of an optimiser with another learning rate. */
const scaled = (step: Tensor, rate: number, name: string) =>
  mul(step, constant(name, [4], [1, rate, 1, 1]), name);
