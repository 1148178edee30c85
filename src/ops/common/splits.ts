// Sums over pixels in two stages: partial sums over ranges of rows, then the sum of the ranges in a
// fixed order. WGSL has no float atomics, and runs must be reproducible to the bit.

import type { Capabilities } from "../../graph/capabilities.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import type { Node } from "../../graph/op.js";
import { elementCount, scratch, type Tensor } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";

/** The largest number of floats of partial sums: 16 MiB. */
const MAX_PARTIAL_FLOATS = 1 << 22;

/**
 * Returns into how many ranges to cut `rows`, so that `tiles` invocations per range keep the
 * adapter busy while the partial sums of `result` stay small.
 */
export function rowSplits(
  rows: number,
  tiles: number,
  result: Tensor,
  capabilities: Capabilities,
): { splits: number; rowsPerSplit: number } {
  const { kind, workgroupSize } = capabilities;
  const workgroups = Math.ceil(tiles / workgroupSize);
  const wanted = kind === "cpu" ? Math.ceil(16 / workgroups) : Math.ceil(1024 / workgroups);
  const most = Math.floor(MAX_PARTIAL_FLOATS / elementCount(result.shape));
  const splits = Math.max(1, Math.min(wanted, most, Math.ceil(rows / 4)));
  const rowsPerSplit = Math.ceil(rows / splits);
  return { splits: Math.ceil(rows / rowsPerSplit), rowsPerSplit };
}

/** Where the first stage of a weight gradient writes, and the second stage. */
export interface GradientSums {
  /** [splits, weight], or the gradient of the weight itself if there is one split. */
  readonly parts: Tensor;
  /** [splits, outChannels], the same for the bias. */
  readonly biasParts: Tensor;
  /** The second stage; empty if there is one split. */
  readonly sum: readonly Dispatch[];
}

/**
 * Returns the stages of a node with outputs [dw, db], or [dw] if the layer has no bias; in that
 * case the `outChannels` sums of dy that the first stage writes are not read.
 */
export function weightAndBiasSums(
  { name, outputs: [dw, db] }: Node,
  outChannels: number,
  splits: number,
  lanes: number,
): GradientSums {
  const count = elementCount(dw.shape);
  const bias = db ?? scratch(`${name}: no bias`, Math.max(1, outChannels));
  if (splits === 1) return { parts: dw, biasParts: bias, sum: [] };
  const parts = scratch(`${name}: splits`, splits * count);
  const biasParts = scratch(`${name}: splits of the bias`, splits * elementCount(bias.shape));
  const sum = dispatch(shaders.sumSplits, {
    constants: { LANES: lanes },
    bindings: [parts, biasParts, dw, bias],
    uniforms: { splits, count, biasCount: outChannels },
    workgroups: workgroupsFor(count + outChannels, lanes),
  });
  return { parts, biasParts, sum: [sum] };
}
