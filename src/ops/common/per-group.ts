// What the ops that treat every float alike share: they run over the memory of their tensors,
// padding included, in groups of four.

import { type Dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { byteCount } from "../../graph/layout.js";
import type { Tensor } from "../../graph/tensor.js";

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
  uniforms: Readonly<Record<string, number>> = {},
): Dispatch {
  const groups = groupCount(over);
  return {
    shader,
    bindings,
    uniforms: { groups, ...uniforms },
    workgroups: workgroupsFor(groups, ELEMENTWISE_LANES),
  };
}

/** The most workgroups in one dimension that WebGPU guarantees. */
const MAX_ROWS = 65535;

/**
 * Dispatches with one workgroup for each row, each block of 32 pixels and each 8 channels: a shader
 * finds its place without a division. More rows than a dispatch can have take several; the uniforms's
 * `firstRow` tells them apart.
 */
export function perRow(
  dispatch: Omit<Dispatch, "workgroups">,
  rows: number,
  blocks: number,
  channels: number,
): Dispatch[] {
  const groups = Math.ceil((channels * 8) / ELEMENTWISE_LANES);
  const dispatches: Dispatch[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += MAX_ROWS) {
    dispatches.push({
      ...dispatch,
      uniforms: { ...dispatch.uniforms, firstRow },
      workgroups: [groups, Math.min(MAX_ROWS, rows - firstRow), blocks],
    });
  }
  return dispatches;
}
