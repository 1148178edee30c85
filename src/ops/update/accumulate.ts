// Means over the batches of a step: the effect of a large batch with the memory of a small one.

import { applyUpdate, type Node, type Op } from "../../graph/op.js";
import { expectDense, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/**
 * Adds `value` to the state `mean`, both dense and of the same shape: mean + share (value - mean),
 * or only `value` in the first batch of a step. `batch` is an input [3]: number of the step; images
 * of the step before this batch; share: this batch's part of the pixels so far, 0 to 1.
 */
export function accumulate(value: Tensor, batch: Tensor, mean: Tensor): Node {
  return applyUpdate(accumulateOp, [value, batch, mean], undefined, {
    name: `mean ${value.name}`,
  });
}

export const accumulateOp: Op<undefined> = {
  name: "accumulate",
  outputs([value, batch, mean]) {
    expectDense("accumulate", "mean", mean, value.shape);
    expectDense("accumulate", "batch", batch, [3]);
    return [];
  },
  kernels: [
    {
      name: "accumulate",
      dispatches({ inputs: [value, batch, mean] }) {
        return [perGroup(shaders.accumulate, mean, { bindings: [value, batch, mean] })];
      },
    },
  ],
};
