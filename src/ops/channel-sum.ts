// The sum of each channel over images and pixels: the gradient of a bias.

import type { Dispatch } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import {
  apply,
  type Capabilities,
  expectImage,
  type Op,
  scratch,
  type Tensor,
} from "../graph/tensor.js";
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
  dispatches({ inputs: [x], outputs: [y], name }, capabilities) {
    return channelSumDispatches(x, y, name, capabilities);
  },
};

/** Writes the sum of each channel of x into y: partial sums over ranges of rows, then their sum. */
export function channelSumDispatches(
  x: Tensor,
  y: Tensor,
  name: string,
  capabilities: Capabilities,
): Dispatch[] {
  const { n, c, h, blocks, groups } = imageSizes(x);
  const { lanes } = capabilities;
  const { splits, rowsPerSplit } = rowSplits(n * h, c, y, capabilities);
  const parts = splits === 1 ? y : scratch(`${name}: splits of channel sums`, splits * c);
  const first = {
    shader: "channel-sum",
    constants: { LANES: lanes },
    bindings: [x, parts],
    record: { channels: c, rows: n * h, blocks, groups, rowsPerSplit },
    workgroups: [Math.ceil(c / lanes), splits, 1] as const,
  };
  return splits === 1 ? [first] : [first, sumSplits(parts, y, splits, lanes)];
}
