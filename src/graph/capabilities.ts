// What the choice of a kernel knows of an adapter: gpu/adapter-capabilities.ts finds it out,
// ops/common/adapter.ts draws conclusions.

/** What a kernel needs to know of an adapter. */
export interface Capabilities {
  readonly kind: "cpu" | "gpu";
  /** Invocations that run in step; a workgroup without barriers is a multiple of it. */
  readonly workgroupSize: number;
  /** Whether subgroup operations exist and all subgroups have one size. */
  readonly subgroups: boolean;
  /** Side of the largest texture, in texels; 0 keeps kernels from reading textures. */
  readonly textureSide: number;
  /** What decides how much work a GPU's invocation takes; undefined for a processor. */
  readonly gpu?: GpuTraits | undefined;
}

/** A GPU as the choice of a tile sees it: partly an estimate by its vendor. */
export interface GpuTraits {
  /** Lanes of a subgroup when the driver chooses: smaller workgroups leave lanes idle. */
  readonly lanes: number;
  /** 32-bit registers of an invocation in such a subgroup. */
  readonly registers: number;
  /**
   * Lanes of a smaller subgroup that a shader can ask for, whose invocations have more registers;
   * 0 where it cannot.
   */
  readonly narrow: number;
  /** Invocations of a workgroup at most. */
  readonly invocations: number;
}
