// Clipping by the norm of all gradients (Pascanu, Mikolov, Bengio 2013): if it is above a limit,
// all are multiplied by limit / norm. The update does the multiplication; nothing is read back.

import { dispatch } from "../../graph/dispatch.js";
import { apply, type Op } from "../../graph/op.js";
import { expectDense, scratch, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ELEMENTWISE_LANES, groupCount } from "../common/per-group.js";

/** Partial sums: enough for every invocation of a GPU, few enough to add one by one. */
const PARTS = 1024;

interface Attributes {
  readonly limit: number;
}

/**
 * Returns the factor, at most 1, for the flat `gradients`, and their norm: [2]. If `gradients` is a
 * state that the plan writes, list the node among the plan's updates.
 */
export function gradientClip(gradients: Tensor, limit: number): Tensor {
  return apply(gradientClipOp, [gradients], { limit }, "gradient clip")[0];
}

export const gradientClipOp: Op<Attributes> = {
  name: "gradient-clip",
  outputs([gradients]) {
    expectDense("gradient-clip", "gradients", gradients, gradients.shape);
    return [{ shape: [2], layout: "dense" }];
  },
  kernels: [
    {
      name: "gradient-clip",
      dispatches({ inputs: [gradients], outputs: [clip], attributes, name }) {
        const parts = scratch(`${name}: sums of squares`, PARTS);
        return [
          dispatch(shaders.gradientClipSquares, {
            constants: { PARTS },
            bindings: [gradients, parts],
            uniforms: { groups: groupCount(gradients) },
            workgroups: [PARTS / ELEMENTWISE_LANES, 1, 1],
          }),
          dispatch(shaders.gradientClip, {
            constants: { PARTS },
            bindings: [parts, clip],
            uniforms: { limit: attributes.limit },
            workgroups: [1, 1, 1],
          }),
        ];
      },
    },
  ],
};
