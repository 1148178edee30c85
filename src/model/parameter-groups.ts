// Groups of parameters, each with an optimiser, a learning rate and a decay of its own, or frozen.

import type { Node } from "../graph/op.js";
import { stateTensor, type Tensor } from "../graph/tensor.js";
import type { UpdateTensors } from "../ops/update/optimizers.js";
import type { Parameter, ParameterLayout } from "./parameters.js";

/** Parameters that are updated alike. */
export interface ParameterGroup {
  /** The parameters by their names; by default all that no earlier group has. */
  readonly match?: RegExp | ((name: string) => boolean) | undefined;
  /** Creates the update of a range of the states, such as `(t) => adam(t, settings)`. */
  readonly update?: ((tensors: UpdateTensors) => Node) | undefined;
  /** The states of the optimiser's moments, in its order. By default none. */
  readonly moments?: readonly string[] | undefined;
  /** The input with its learning rate (`UpdateTensors.step`), if it is another than that of all. */
  readonly step?: Tensor | undefined;
  /** Whether its parameters keep their values. By default false. */
  readonly frozen?: boolean | undefined;
}

/** What all groups share. */
export type SharedUpdateTensors = Pick<UpdateTensors, "step" | "after"> &
  Partial<Pick<UpdateTensors, "scaling" | "clip">>;

/**
 * Returns the updates of a plan for groups of parameters: one per run of neighbouring parameters of a
 * group. Parameters, gradients and moments are flat states laid out by `layout`, the first two named
 * "parameters" and "gradients". The first group that matches a parameter has it. Throws if none does, if
 * a group has no parameter, and if one has no update and is not frozen.
 */
export function groupUpdates(
  layout: ParameterLayout,
  groups: readonly ParameterGroup[],
  shared: SharedUpdateTensors,
): Node[] {
  const groupOf = ({ name }: Parameter) => {
    const found = groups.findIndex(({ match = () => true }) =>
      typeof match === "function" ? match(name) : name.search(match) >= 0,
    );
    if (found >= 0) return found;
    throw new Error(
      `groupUpdates: no group has the parameter ${name}: add one without match, or with { frozen: true }`,
    );
  };
  const runs: { group: number; offset: number; end: number }[] = [];
  for (const [i, parameter] of layout.trained.entries()) {
    const group = groupOf(parameter);
    const end = layout.trained[i + 1]?.offset ?? layout.trainedFloats;
    const last = runs.at(-1);
    if (last?.group === group) last.end = end;
    else runs.push({ group, offset: parameter.offset, end });
  }
  for (const [i, { match, update, frozen = false }] of groups.entries()) {
    if (!runs.some(({ group }) => group === i)) {
      throw new Error(`groupUpdates: group ${i}, of ${match ?? "all others"}, has no parameter`);
    }
    if (frozen === (update === undefined)) continue;
    throw new Error(
      `groupUpdates: group ${i} must have either an update or { frozen: true }, got ${frozen ? "both" : "neither"}`,
    );
  }
  return runs.flatMap(({ group, offset, end }) => {
    const { update, moments = [], step = shared.step } = groups[group];
    const range = (state: string) => stateTensor(state, [end - offset], state, offset);
    const own = { parameters: range("parameters"), gradients: range("gradients") };
    return update?.({ ...shared, ...own, moments: moments.map(range), step }) ?? [];
  });
}
