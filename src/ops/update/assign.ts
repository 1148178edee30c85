// Updates of a state by a value, such as running averages and other buffers of a model.

import { applyUpdate, type Node, type Op } from "../../graph/op.js";
import { expectDense, expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

interface Attributes {
  readonly rate: number;
}

/** Sets the state to a value of the same shape. For `PlanSpec.updates`. */
export function assign(state: Tensor, value: Tensor, name?: string): Node {
  return moved("assign", state, value, 1, name);
}

/**
 * Moves the state towards a value of the same shape: state + rate (value - state), with a rate from 0
 * to 1. For `PlanSpec.updates`.
 */
export function lerp(state: Tensor, value: Tensor, rate: number, name?: string): Node {
  if (!(rate >= 0 && rate <= 1)) {
    throw new ShapeError(`lerp: the rate must be a number from 0 to 1, got ${rate}`);
  }
  return moved("lerp", state, value, rate, name);
}

function moved(what: string, state: Tensor, value: Tensor, rate: number, name = what): Node {
  expectTensor(what, "state", state);
  expectTensor(what, "value", value);
  if (state.source?.kind !== "state") {
    throw new ShapeError(
      `${what}: ${state.name} ${text(state.shape)} is no state: make it with stateTensor`,
    );
  }
  expectDense(what, "value", value, state.shape);
  return applyUpdate(lerpOp, [value, state], { rate }, { name });
}

export const lerpOp: Op<Attributes> = {
  name: "lerp",
  outputs: () => [],
  kernels: [
    {
      name: "lerp",
      dispatches({ inputs: [value, state], attributes: { rate } }) {
        return [perGroup(shaders.lerp, state, { bindings: [value, state], uniforms: { rate } })];
      },
    },
  ],
};
