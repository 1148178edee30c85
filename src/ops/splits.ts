// Sums over pixels in two stages: partial sums over ranges of rows, then the ranges in a fixed
// order. No float atomics exist in WGSL, and a run must repeat to the bit.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import {
  type Capabilities,
  elementCount,
  type Node,
  scratch,
  type Tensor,
} from "../graph/tensor.js";

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

/** Where the first stage of a weight's gradient writes, and what is left to do then. */
export interface GradientSums {
  readonly parts: Tensor;
  readonly biasParts: Tensor;
  /** The second stage: nothing where there is one split. */
  readonly sum: readonly Dispatch[];
}

/**
 * The stages of a node with the outputs [dw, db], or [dw] where the layer has no bias. The first
 * stage sums dy in any case; without a bias nobody reads that.
 */
export function weightAndBiasSums(
  { name, outputs: [dw, db] }: Node,
  outChannels: number,
  splits: number,
  lanes: number,
): GradientSums {
  const unread = () => scratch(`${name}: splits of the bias`, splits * outChannels);
  if (splits === 1) return { parts: dw, biasParts: db ?? unread(), sum: [] };
  const parts = scratch(`${name}: splits`, splits * elementCount(dw.shape));
  const biasParts = unread();
  const sum = db
    ? sumSplitsOfTwo([parts, biasParts], [dw, db], splits, lanes)
    : sumSplits(parts, dw, splits, lanes);
  return { parts, biasParts, sum: [sum] };
}

/** `sumSplits` of two tensors in one dispatch. */
function sumSplitsOfTwo(
  parts: readonly [Tensor, Tensor],
  results: readonly [Tensor, Tensor],
  splits: number,
  lanes: number,
): Dispatch {
  const [count, secondCount] = results.map(({ shape }) => elementCount(shape));
  return {
    shader: "sum-splits-of-two",
    constants: { LANES: lanes },
    bindings: [...parts, ...results],
    record: { splits, count, secondCount },
    workgroups: workgroupsFor(count + secondCount, lanes),
  };
}
