// Softmax of the rows of dense tensors, and its logarithm, in one dispatch each. The exponentials of a
// long row are computed twice, which takes less time than to store them.

import type { Capabilities } from "../../graph/capabilities.js";
import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { apply, type Op } from "../../graph/op.js";
import { elementCount, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { scale } from "../elementwise/scale.js";
import { mul, sub } from "../formula/arithmetic.js";
import { exp } from "../formula/functions.js";
import { sum } from "./reduce.js";

interface Attributes {
  /** Whether the result is the logarithm. */
  readonly log: boolean;
}

/** Returns the softmax of each row of x, dense [...,length], or its logarithm. */
export function softmaxRows(x: Tensor, log: boolean, name: string): Tensor {
  return apply(softmaxRowsOp, [x], { log }, name)[0];
}

/** Invocations per workgroup on GPUs, which share a row. */
const SHARE = 64;

/** How a kernel divides the rows: a processor has no need to share one, and takes long for barriers. */
function callOf(x: Tensor, { log }: Attributes, { kind, workgroupSize }: Capabilities) {
  const length = x.shape[x.shape.length - 1];
  const rows = elementCount(x.shape) / length;
  const isShared = kind === "gpu";
  const lanes = isShared ? SHARE : workgroupSize;
  return {
    constants: { LOG: Number(log), SHARE: isShared ? SHARE : 1, LANES: lanes },
    uniforms: { rows, length },
    workgroups: workgroupsFor(rows, isShared ? 1 : lanes),
  };
}

const sameAs = (x: Tensor) => [{ shape: x.shape, layout: "dense" } as const];

export const softmaxRowsOp: Op<Attributes> = {
  name: "softmax-rows",
  outputs: ([x]) => sameAs(x),
  gradient({ outputs: [y], attributes, name }, [dy]) {
    return [dy && apply(softmaxRowsGradientOp, [y, dy], attributes, `${name} gradient`)[0]];
  },
  words: ({ attributes: { log } }) => (log ? "log-softmax of rows" : "softmax of rows"),
  kernels: [
    {
      name: "softmax-rows",
      dispatches({ inputs: [x], outputs: [y], attributes }, capabilities) {
        const call = callOf(x, attributes, capabilities);
        return [dispatch(shaders.softmaxRows, { ...call, bindings: [x, y] })];
      },
    },
  ],
};

/** Inputs the result y and its gradient; output the gradient of x. */
export const softmaxRowsGradientOp: Op<Attributes> = {
  name: "softmax-rows-gradient",
  outputs: ([y]) => sameAs(y),
  gradient({ inputs: [y, dy], attributes, name }, [ddx]) {
    if (!ddx) return [];
    const over = { axes: -1, keepDims: true };
    if (attributes.log) {
      const share = exp(y);
      const spread = mul(mul(share, ddx), sum(dy, over));
      return [scale(spread, -1), sub(ddx, sum(mul(share, ddx), over))];
    }
    const centred = mul(ddx, sub(dy, sum(mul(y, dy), over)));
    return [
      sub(centred, mul(dy, sum(mul(y, ddx), over))),
      apply(softmaxRowsGradientOp, [y, ddx], attributes, `${name} gradient`)[0],
    ];
  },
  kernels: [
    {
      name: "softmax-rows-gradient",
      dispatches({ inputs: [y, dy], outputs: [dx], attributes }, capabilities) {
        const call = callOf(y, attributes, capabilities);
        return [dispatch(shaders.softmaxRowsGradient, { ...call, bindings: [y, dy, dx] })];
      },
    },
  ],
};
