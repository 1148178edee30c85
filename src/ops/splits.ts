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

/** A result, and its `splits` partial sums in `parts`; where there is one, `parts` is the result. */
export interface SplitSum {
  readonly parts: Tensor;
  readonly result: Tensor;
  readonly splits: number;
}

/** What runs first to make a result, and what is then left to add. */
export interface FirstStage {
  readonly dispatches: readonly Dispatch[];
  readonly sum: SplitSum;
}

/** Where the first stage of `result` writes. */
export function splitSum(result: Tensor, splits: number, name: string): SplitSum {
  const parts = splits === 1 ? result : scratch(name, splits * elementCount(result.shape));
  return { parts, result, splits };
}

/** The dispatches that make one result or two. */
export function bothStages(results: readonly FirstStage[], lanes: number): Dispatch[] {
  const sums = results.map(({ sum }) => sum);
  return [...results.flatMap(({ dispatches }) => dispatches), ...addSplits(sums, lanes)];
}

/** The second stage of one result or two, in one dispatch; nothing where none is split. */
function addSplits(sums: readonly SplitSum[], lanes: number): Dispatch[] {
  const [first, second] = sums.filter(({ splits }) => splits > 1);
  if (!first) return [];
  const constants = { LANES: lanes };
  const { parts, result, splits } = first;
  const count = elementCount(result.shape);
  if (!second) {
    return [
      {
        shader: "sum-splits",
        constants,
        bindings: [parts, result],
        record: { splits, count },
        workgroups: workgroupsFor(count, lanes),
      },
    ];
  }
  const secondCount = elementCount(second.result.shape);
  return [
    {
      shader: "sum-splits-of-two",
      constants,
      bindings: [parts, second.parts, result, second.result],
      record: { splits, count, secondSplits: second.splits, secondCount },
      workgroups: workgroupsFor(count + secondCount, lanes),
    },
  ];
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
  const weight = splitSum(dw, splits, `${name}: splits`);
  const biasName = `${name}: splits of the bias`;
  if (!db) {
    const biasParts = scratch(biasName, splits * outChannels);
    return { parts: weight.parts, biasParts, sum: addSplits([weight], lanes) };
  }
  const bias = splitSum(db, splits, biasName);
  const sum = addSplits([weight, bias], lanes);
  return { parts: weight.parts, biasParts: bias.parts, sum };
}
