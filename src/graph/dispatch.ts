// What a kernel call is, as data: an op describes it, the plan executes it.

import type { Tensor } from "./tensor.js";

export interface Dispatch {
  /** Stem of the file in shaders/. */
  readonly shader: string;
  /** New initialisers of the shader's `const` lines, by name. */
  readonly constants?: Readonly<Record<string, number>> | undefined;
  /**
   * Tensors for the shader's storage bindings, in the order of their binding numbers. Where the
   * shader declares a texture, the plan binds a texture that it fills with the tensor's
   * bytes (`textureSize` of layout.ts) between the dispatch that writes it and this one.
   */
  readonly bindings: readonly Tensor[];
  /** Fields of the shader's uniform struct, by name: the sizes of this layer. */
  readonly uniforms?: Readonly<Record<string, number>> | undefined;
  readonly workgroups: readonly [number, number, number];
  /** Multiply-adds that the direct method needs, for profiles and benchmarks. */
  readonly multiplyAdds?: number | undefined;
}

/** The most workgroups in one dimension that WebGPU guarantees. */
const MAX_WORKGROUPS = 65535;

/**
 * Workgroups for `count` items at `size` items a workgroup, folded into two dimensions where one
 * is not enough. A shader finds its workgroup's index by `id.x + id.y * num_workgroups.x`, and
 * must ignore what lies past the end.
 */
export function workgroupsFor(count: number, size: number): [number, number, number] {
  const groups = Math.max(1, Math.ceil(count / size));
  if (groups <= MAX_WORKGROUPS) return [groups, 1, 1];
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}
