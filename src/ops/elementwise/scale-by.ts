import { apply, type Op } from "../../graph/op.js";
import { expectDense, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/** Returns factor * x for a factor [1] that is computed on the GPU. It has no gradient. */
export function scaleBy(x: Tensor, factor: Tensor, name?: string): Tensor {
  return apply(scaleByOp, [x, factor], undefined, name)[0];
}

export const scaleByOp: Op<undefined> = {
  name: "scale-by",
  outputs([x, factor]) {
    expectDense("scale-by", "the factor", factor, [1]);
    return [{ shape: x.shape, layout: x.layout }];
  },
  kernels: [
    {
      name: "scale-by",
      dispatches: ({ inputs: [x, factor], outputs: [y] }) => [
        perGroup(shaders.lossScale, y, { bindings: [x, factor, y] }),
      ],
    },
  ],
};
