// What the ops that treat every float alike share: they run over the memory of their tensors,
// padding included, in groups of four.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { byteCount } from "../graph/order.js";
import type { Tensor } from "../graph/tensor.js";

/** Invocations of a workgroup in kernels without loops over channels. */
export const ELEMENTWISE_LANES = 64;

/** Groups of four floats of a tensor, padding included. */
export function groupCount(tensor: Tensor): number {
  return byteCount(tensor) / 16;
}

/** A dispatch with one invocation for each group of four floats of `over`. */
export function perGroup(
  shader: string,
  over: Tensor,
  bindings: readonly Tensor[],
  record: Readonly<Record<string, number>> = {},
): Dispatch {
  const groups = groupCount(over);
  return {
    shader,
    bindings,
    record: { groups, ...record },
    workgroups: workgroupsFor(groups, ELEMENTWISE_LANES),
  };
}
