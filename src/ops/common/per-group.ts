// What the ops that treat every float alike share: they run over the memory of their tensors,
// padding included, in groups of four.

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

/** Invocations of a workgroup in kernels without loops over channels. */
export const ELEMENTWISE_LANES = 64;

/** Groups of four floats of a tensor, padding included. */
export function groupCount(tensor: Tensor): number {
  return byteCount(tensor) / 16;
}

/**
 * A dispatch with one invocation for each group of four floats of `over`; `groups` is their number. Its
 * shader computes the padding too, which must stay 0: so it is for functions with f(0) = 0.
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
 * Dispatches with one workgroup for each row, each block of 32 pixels and each 8 channels: a shader
 * finds its place without a division. More rows than a dispatch can have take several, which the
 * uniform `firstRow` tells apart.
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
