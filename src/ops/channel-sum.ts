// The sum of each channel over images and pixels: the gradient of a bias.

import { imageSizes } from "../graph/order.js";
import { apply, type Capabilities, expectImage, type Op, type Tensor } from "../graph/tensor.js";
import { bothStages, type FirstStage, rowSplits, splitSum } from "./splits.js";

/** x [N,C,H,W] -> [C]. */
export function channelSum(x: Tensor, name?: string): Tensor {
  return apply(channelSumOp, [x], undefined, name)[0];
}

export const channelSumOp: Op<undefined> = {
  name: "channel-sum",
  outputs([x]) {
    expectImage("channel-sum", "input", x);
    return [{ shape: [x.shape[1]], order: "dense" }];
  },
  dispatches({ inputs: [x], outputs: [y], name }, capabilities) {
    return bothStages([channelPartialSums(x, y, name, capabilities)], capabilities.lanes);
  },
};

/** Partial sums, over ranges of rows, of each channel of x, for the sums y. */
export function channelPartialSums(
  x: Tensor,
  y: Tensor,
  name: string,
  capabilities: Capabilities,
): FirstStage {
  const { n, c, h, blocks, groups } = imageSizes(x);
  const { lanes } = capabilities;
  const { splits, rowsPerSplit } = rowSplits(n * h, c, y, capabilities);
  const sum = splitSum(y, splits, `${name}: splits of channel sums`);
  const first = {
    shader: "channel-sum",
    constants: { LANES: lanes },
    bindings: [x, sum.parts],
    record: { channels: c, rows: n * h, blocks, groups, rowsPerSplit },
    workgroups: [Math.ceil(c / lanes), splits, 1] as const,
  };
  return { dispatches: [first], sum };
}
