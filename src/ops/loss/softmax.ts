import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { expectImage, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";

/** Softmax over the channels: x [N,K,H,W] -> probabilities of the same shape. */
export function softmax(x: Tensor, name?: string): Tensor {
  return apply(softmaxOp, [x], undefined, name)[0];
}

export const softmaxOp: Op<undefined> = {
  name: "softmax",
  outputs([x]) {
    expectImage("softmax", "input", x);
    return [{ shape: x.shape, layout: "image" }];
  },
  gradient({ outputs: [y], name }, [dy]) {
    return [dy && apply(softmaxGradientOp, [y, dy], undefined, `${name} gradient`)[0]];
  },
  kernels: [
    {
      name: "softmax",
      dispatches({ inputs: [x], outputs: [y] }) {
        const { n, c, h, w, blocks, groups } = imageSizes(x);
        return [
          dispatch(shaders.softmax, {
            bindings: [x, y],
            uniforms: { rows: n * h, rowGroups: groups, channels: c, width: w, blocks },
            workgroups: workgroupsFor(n * h * groups, ELEMENTWISE_LANES),
          }),
        ];
      },
    },
  ],
};

/** Inputs y = softmax(x) and dy; output dx. */
export const softmaxGradientOp: Op<undefined> = {
  name: "softmax-gradient",
  outputs([y]) {
    return [{ shape: y.shape, layout: "image" }];
  },
  kernels: [
    {
      name: "softmax-gradient",
      dispatches({ inputs: [y, dy], outputs: [dx] }) {
        const { n, c, h, blocks, groups } = imageSizes(y);
        return [
          dispatch(shaders.softmaxGradient, {
            bindings: [y, dy, dx],
            uniforms: { rows: n * h, rowGroups: groups, channels: c, blocks },
            workgroups: workgroupsFor(n * h * groups, ELEMENTWISE_LANES),
          }),
        ];
      },
    },
  ],
};
