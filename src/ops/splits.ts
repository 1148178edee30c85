// Sums over pixels in two stages: partial sums over ranges of rows, then the ranges in a fixed
// order. No float atomics exist in WGSL, and a run must repeat to the bit.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { type Capabilities, elementCount, type Tensor } from "../graph/tensor.js";

/** The most floats of partial sums: 16 MiB. */
const MAX_PARTIAL_FLOATS = 1 << 22;

/**
 * How many ranges `rows` are cut into, so that `tiles` invocations a range keep the adapter busy
 * while the partial sums of `result` stay small.
 */
export function rowSplits(
  rows: number,
  tiles: number,
  result: Tensor,
  capabilities: Capabilities,
): { splits: number; rowsPerSplit: number } {
  const { kind, lanes } = capabilities;
  const workgroups = Math.ceil(tiles / lanes);
  const wanted = kind === "cpu" ? Math.ceil(16 / workgroups) : Math.ceil(1024 / workgroups);
  const most = Math.floor(MAX_PARTIAL_FLOATS / elementCount(result.shape));
  const splits = Math.max(1, Math.min(wanted, most, Math.ceil(rows / 4)));
  const rowsPerSplit = Math.ceil(rows / splits);
  return { splits: Math.ceil(rows / rowsPerSplit), rowsPerSplit };
}

/** The second stage: adds `splits` copies of `result` that stand in `parts`. */
export function sumSplits(parts: Tensor, result: Tensor, splits: number, lanes: number): Dispatch {
  const count = elementCount(result.shape);
  return {
    shader: "sum-splits",
    constants: { LANES: lanes },
    bindings: [parts, result],
    record: { splits, count },
    workgroups: workgroupsFor(count, lanes),
  };
}
