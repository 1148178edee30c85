// Counts NaN and infinities on the GPU, in tensors that are not read back.

import { dispatch } from "../../graph/dispatch.js";
import { apply, type Op } from "../../graph/op.js";
import { ShapeError, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ELEMENTWISE_LANES, groupCount } from "../common/per-group.js";

/**
 * Partial counts per tensor: enough for every invocation of a GPU, few enough to read and add up.
 */
export const NOT_FINITE_PARTS = 1024;

/**
 * Counts the NaN and infinite numbers of dense tensors in parts: the counts of tensor i are the
 * elements from i * NOT_FINITE_PARTS of [tensors * NOT_FINITE_PARTS].
 */
export function notFinite(tensors: readonly Tensor[], name?: string): Tensor {
  return apply(notFiniteOp, tensors, undefined, name)[0];
}

export const notFiniteOp: Op<undefined> = {
  name: "not-finite",
  outputs(inputs) {
    for (const { layout, shape } of inputs) {
      if (layout === "dense") continue;
      // In an image, what follows the width of a row may have any value.
      throw new ShapeError(`not-finite: tensors must be dense, got image ${text(shape)}`);
    }
    return [{ shape: [inputs.length * NOT_FINITE_PARTS], layout: "dense" }];
  },
  kernels: [
    {
      name: "not-finite",
      dispatches({ inputs, outputs: [parts] }) {
        return inputs.map((x, i) =>
          dispatch(shaders.notFinite, {
            constants: { PARTS: NOT_FINITE_PARTS },
            bindings: [x, parts],
            uniforms: { groups: groupCount(x), first: i * NOT_FINITE_PARTS },
            workgroups: [NOT_FINITE_PARTS / ELEMENTWISE_LANES, 1, 1],
          }),
        );
      },
    },
  ],
};
