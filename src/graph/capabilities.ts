// What kernels are chosen by. gpu/adapter-capabilities.ts fills it in for an adapter;
// ops/common/adapter.ts has the rules that kernels share.

/** What a kernel needs to know of an adapter. */
export interface Capabilities {
  /** A GPU, or a driver in software. */
  readonly kind: "cpu" | "gpu";
  /** Invocations that execute in lockstep. A workgroup without barriers has a multiple of it. */
  readonly workgroupSize: number;
  /** Whether the adapter has subgroup operations and all its subgroups have the same size. */
  readonly subgroups: boolean;
  /** Side of the largest texture, in texels. With 0 no kernel reads textures. */
  readonly textureSide: number;
  /** Traits that decide how much work one invocation takes; undefined for an adapter on the CPU. */
  readonly gpu?: GpuTraits | undefined;
  /** Whether shaders can compute with 16-bit floats. */
  readonly f16?: boolean | undefined;
  /**
   * Which of the kernels whose factors have 16 bits (`Kernel.hasHalfFactors`) are offered, by op and
   * name. By default none.
   */
  readonly halfFactors?: Pick<ReadonlySet<string>, "has"> | undefined;
  /**
   * Kernels that computed wrong results on this adapter, by op and name ("conv2d winograd"). They
   * are not offered.
   */
  readonly avoided?: ReadonlySet<string> | undefined;
}

/** What the choice of a tile size needs to know about a GPU; partly estimated from the vendor. */
export interface GpuTraits {
  /**
   * Lanes of a subgroup of the size that the driver chooses. Smaller workgroups leave lanes idle.
   */
  readonly lanes: number;
  /** 32-bit registers per invocation in such a subgroup. */
  readonly registers: number;
  /**
   * Lanes of a smaller subgroup that a shader can request, whose invocations have more registers; 0
   * if it cannot request one.
   */
  readonly narrow: number;
  /** The largest number of invocations in a workgroup. */
  readonly invocations: number;
}
