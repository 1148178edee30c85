// The types of a graph. A tensor refers to the node that computes it, a node to its op, an op to
// its kernels, and kernels to dispatches of shaders on tensors. They are in one file since they
// refer to each other; import them from tensor.ts, op.ts and dispatch.ts, which have the functions
// for them.

import type { Shader } from "../shaders/shader.js";
import type { Capabilities } from "./capabilities.js";

/** Sizes, outermost first: [N, C, H, W] of images. */
export type Shape = readonly number[];

/**
 * The memory layout of a tensor (layout.ts). "image": rank 4, [N, C, H, W], in blocks of 32 pixels,
 * for everything with pixels. "dense": row-major without gaps, any rank, for parameters and
 * scalars.
 */
export type Layout = "image" | "dense";

/**
 * The element type in memory: 32 bits, or 16 bits, two per word, for images that wait for a reader.
 */
export type DType = "f32" | "f16";

/** Where a tensor without a node comes from. */
export type Source =
  /** Written by the caller before a run. */
  | { readonly kind: "input" }
  /** Written once, when the plan is created. */
  | { readonly kind: "constant"; readonly values: Float32Array }
  /** A range of a buffer that outlives the plan: parameters, gradients, optimizer moments. */
  | { readonly kind: "state"; readonly state: string; readonly offset: number }
  /** Working memory of one node. */
  | { readonly kind: "scratch" }
  /** Other tensors stacked vertically in one texture (`stacked`). It has no buffer of its own. */
  | { readonly kind: "joined"; readonly parts: readonly TexelRows[] };

/** A range of rows of the texture that holds a tensor (`textureSize`). */
export interface TexelRows {
  /** The tensor that the rows are copied from. */
  readonly tensor: Tensor;
  /** The first row. */
  readonly first: number;
  /** Number of rows. */
  readonly count: number;
}

/** A symbolic tensor: what a node computes, or a source. */
export interface Tensor {
  /** For errors, profiles and labels on the GPU. */
  readonly name: string;
  /** Outermost size first. */
  readonly shape: Shape;
  /** How its elements lie in memory. */
  readonly layout: Layout;
  /** Type of its elements in memory. */
  readonly dtype: DType;
  /** The node that computes it; undefined for a source. */
  readonly node: Node | undefined;
  /** Where its values come from, if no node computes it. */
  readonly source: Source | undefined;
}

/** One operation applied to tensors. */
export interface Node<Attributes = unknown> {
  /** For errors, profiles and labels on the GPU. */
  readonly name: string;
  /** What it computes. */
  readonly op: Op<Attributes>;
  /** The op's own settings. */
  readonly attributes: Attributes;
  /** What it reads. */
  readonly inputs: readonly Tensor[];
  /** What it computes. */
  readonly outputs: readonly Tensor[];
  /** A fused ReLU mask: the output is 0 where this tensor is not above 0 (fuse.ts). */
  readonly mask?: Tensor | undefined;
  /**
   * Tensors that the node does not read, but that must be computed before it runs (recompute.ts).
   */
  readonly after?: readonly Tensor[] | undefined;
}

/** Shape and layout of an output. */
export interface OutputSpec {
  /** Outermost size first. */
  readonly shape: Shape;
  /** How its elements lie in memory. */
  readonly layout: Layout;
  /** "f32" when left out. */
  readonly dtype?: DType | undefined;
}

/** First and last row of an image. */
export type Rows = readonly [first: number, last: number];

/** An operation: its shape rule, its gradient, and the kernels that compute it. */
export interface Op<Attributes = unknown> {
  /** The name in errors, profiles and tuning tables. It must be unique. */
  readonly name: string;
  /** Returns the shapes of the outputs. Throws a `ShapeError` that gives the shapes. */
  outputs(inputs: readonly Tensor[], attributes: Attributes): readonly OutputSpec[];
  /**
   * Returns the gradients of the inputs for given gradients of the outputs; undefined if an input
   * has none.
   */
  gradient?(
    node: Node<Attributes>,
    outputGradients: readonly (Tensor | undefined)[],
  ): readonly (Tensor | undefined)[];
  /** On every adapter at least one of them can compute each node (`kernelsOf`). */
  readonly kernels: readonly Kernel<Attributes>[];
  /**
   * Returns a node that does the work of `node` and `reader` in one pass; undefined if no kernel
   * can. `reader` is the only reader of the only output of `node` (fuse.ts).
   */
  fuseInto?(node: Node<Attributes>, reader: Node): Node | undefined;
  /** The same, as a method of the reader's op: `node` reads the only output of `maker`. */
  fuseFrom?(maker: Node, node: Node<Attributes>): Node | undefined;
  /** Whether the op only masks: inputs [y, dy], output dy where y > 0, else 0. */
  readonly isReluMask?: boolean | undefined;
  /** Whether the op only converts its one input between f32 and f16 (half-storage.ts). */
  readonly isCast?: boolean | undefined;
  /** Whether the op takes so long that at most one of two in a row is recomputed (recompute.ts). */
  readonly isCostly?: boolean | undefined;
  /**
   * Throws if values that the caller gives for inputs of the node are invalid, such as a label of a
   * class that does not exist. `valuesOf` returns the values given for a run, row-major.
   */
  checkValues?(
    node: Node<Attributes>,
    valuesOf: (tensor: Tensor) => ArrayLike<number> | undefined,
  ): void;
  /**
   * Returns the rows of the inputs that these rows of the first output depend on. The op must treat
   * columns in the same way.
   */
  receptiveField?(node: Node<Attributes>, rows: Rows): readonly (readonly [Tensor, Rows])[];
  /**
   * Whether each output depends on all pixels of an image, as statistics of it do. Of a model that
   * predicts in tiles, these are the pixels of a tile.
   */
  seesWholeImage?(node: Node<Attributes>): boolean;
  /**
   * Returns the words for a node in a table of layers, such as "convolution". The default is the
   * op's name.
   */
  words?(node: Node<Attributes>): string;
}

/**
 * One way to compute the nodes of an op. A kernel must keep the padding rule for what it writes
 * (layout.ts): in the last group of four pixels of a row, pixels past the width are 0.
 */
export interface Kernel<Attributes = unknown> {
  /** Its name among the kernels of the op, as stored in tuning tables. */
  readonly name: string;
  /**
   * Returns the kernel's rank for a node on an adapter, the smallest being the first choice, or
   * undefined if it cannot compute the node there. By default it computes every node, with rank 0.
   * The rank may depend on shapes and attributes, not on `Node.mask`.
   */
  rank?(node: Node<Attributes>, capabilities: Capabilities): number | undefined;
  /** Whether the tuner compares the answers of the other kernels with those of this one. */
  readonly isReference?: boolean | undefined;
  /**
   * Returns the largest allowed relative error of the answer in the 2-norm. The default is 1e-5.
   */
  tolerance?(node: Node<Attributes>): number;
  /**
   * Whether it rounds the factors of its products to 16 bits: such a kernel is offered only in
   * plans that allow it, and only where an examination found it right.
   */
  readonly hasHalfFactors?: boolean | undefined;
  /** Whether the kernel can apply `Node.mask` while it writes. */
  readonly fusesReluMask?: boolean | undefined;
  /**
   * Returns a node that does the work of `node` and `reader` in one pass, or undefined if the
   * kernel cannot. `reader` must read only the only output of `node`. Others may read that output
   * too, so the fused node returns both outputs.
   */
  fuseExtraOutput?(
    node: Node<Attributes>,
    reader: Node,
    capabilities: Capabilities,
  ): Node | undefined;
  /** Returns the dispatches to run, in order. */
  dispatches(node: Node<Attributes>, capabilities: Capabilities): readonly Dispatch[];
}

/** One execution of a shader, as data. A kernel describes it (`dispatch`), a plan executes it. */
export interface Dispatch {
  /** The shader that runs. */
  readonly shader: Shader;
  /** Values that replace the initialisers of the shader's `const` lines, by name. */
  readonly constants?: Readonly<Record<string, number>> | undefined;
  /**
   * Tensors for the shader's storage bindings, in the order of their binding numbers. If the shader
   * declares a texture, the plan binds a texture and copies the tensor's bytes into it
   * (`textureSize` of layout.ts) between the dispatch that writes the tensor and this one.
   */
  readonly bindings: readonly Tensor[];
  /** Fields of the shader's uniform struct, by name: the sizes of the layer. */
  readonly uniforms?: Readonly<Record<string, number>> | undefined;
  /** Workgroups in x, y and z. */
  readonly workgroups: readonly [number, number, number];
  /** Multiply-adds of the direct method, for profiles and benchmarks. */
  readonly multiplyAdds?: number | undefined;
}
