// Dispatches shared by elementwise ops, which process the memory of tensors, including padding, in
// groups of four floats.

import {
  type CallOf,
  type Dispatch,
  MAX_WORKGROUPS,
  type Numbers,
  workgroupsFor,
} from "../../graph/dispatch.js";
import { byteCount } from "../../graph/layout.js";
import type { Tensor } from "../../graph/tensor.js";
import type { Shader } from "../../shaders/shader.js";

/** Invocations per workgroup in kernels without loops over channels. */
export const ELEMENTWISE_LANES = 64;

/** Returns the groups of four floats of a tensor, including padding. */
export function groupCount(tensor: Tensor): number {
  return byteCount(tensor) / 16;
}

/**
 * Returns a dispatch with one invocation per group of four floats of `over`; `groups` is their
 * number. The shader also computes the padding, which must stay 0, so use it only for functions
 * with f(0) = 0.
 */
export function perGroup<
  Constants extends string,
  Uniforms extends string,
  Tensors extends readonly string[],
  Values extends Numbers,
>(
  shader: Shader<Constants, Uniforms, Tensors>,
  over: Tensor,
  call: CallOf<Constants, Exclude<Uniforms, "groups">, Tensors, Values>,
): Dispatch {
  const groups = groupCount(over);
  return {
    shader,
    ...call,
    uniforms: { groups, ...call.uniforms },
    workgroups: workgroupsFor(groups, ELEMENTWISE_LANES),
  } as Dispatch;
}

/**
 * Returns dispatches with one workgroup per row, block of 32 pixels and 8 channels, so that a
 * shader finds its position without division. If there are more rows than one dispatch can have,
 * there are several, with the uniform `firstRow`.
 */
export function perRow<
  Constants extends string,
  Uniforms extends string,
  Tensors extends readonly string[],
  Values extends Numbers,
>(
  shader: Shader<Constants, Uniforms, Tensors>,
  { rows, blocks, channels }: { rows: number; blocks: number; channels: number },
  call: CallOf<Constants, Exclude<Uniforms, "firstRow">, Tensors, Values>,
): Dispatch[] {
  const groups = Math.ceil((channels * 8) / ELEMENTWISE_LANES);
  const dispatches: Dispatch[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += MAX_WORKGROUPS) {
    dispatches.push({
      shader,
      ...call,
      uniforms: { ...call.uniforms, firstRow },
      workgroups: [groups, Math.min(MAX_WORKGROUPS, rows - firstRow), blocks],
    } as Dispatch);
  }
  return dispatches;
}
