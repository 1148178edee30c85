// The sum of each channel over images and pixels: the gradient of a bias.

import { imageSizes } from "../graph/order.js";
import { apply, expectImage, type Op, scratch, type Tensor } from "../graph/tensor.js";
import { rowSplits, sumSplits } from "./splits.js";

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
  dispatches(node, capabilities) {
    const [x] = node.inputs;
    const [y] = node.outputs;
    const { n, c, h, blocks, groups } = imageSizes(x);
    const { lanes } = capabilities;
    const { splits, rowsPerSplit } = rowSplits(n * h, c, y, capabilities);
    const parts = splits === 1 ? y : scratch(`${node.name}: splits`, splits * c);
    const first = {
      shader: "channel-sum",
      constants: { LANES: lanes },
      bindings: [x, parts],
      record: { channels: c, rows: n * h, blocks, groups, rowsPerSplit },
      workgroups: [Math.ceil(c / lanes), splits, 1] as const,
    };
    return splits === 1 ? [first] : [first, sumSplits(parts, y, splits, lanes)];
  },
};
