// What a graph is made of. A tensor remembers the node that makes it, a node its op, an op its kernels,
// and a kernel dispatches shaders on tensors: one file, since the types refer to one another. Import
// them from tensor.ts, op.ts and dispatch.ts, which have what is done with them.

import type { Shader } from "../shaders/shader.js";
import type { Capabilities } from "./capabilities.js";

export type Shape = readonly number[];

/**
 * How a tensor lies in memory (layout.ts).
 * "image": rank 4, [N, C, H, W], in blocks of 32 pixels, for everything with pixels.
 * "dense": row-major without gaps, any rank, for parameters and scalars.
 */
export type Layout = "image" | "dense";

/** What an element is in memory: 32 bits, or 16, two packed into a word, for images at rest. */
export type DType = "f32" | "f16";

/** Where a tensor without a node comes from. */
export type Source =
  /** Written by the caller before a run. */
  | { readonly kind: "input" }
  /** Written once, when the plan is made. */
  | { readonly kind: "constant"; readonly values: Float32Array }
  /** A range of a buffer that outlives the plan: parameters, gradients, moments. */
  | { readonly kind: "state"; readonly state: string; readonly offset: number }
  /** Working memory of one node. */
  | { readonly kind: "scratch" }
  /** Others, one below the other in one texture: it has no buffer of its own (`stacked`). */
  | { readonly kind: "joined"; readonly parts: readonly TexelRows[] };

/** Rows of the texture that would hold a tensor (`textureSize`). */
export interface TexelRows {
  readonly tensor: Tensor;
  readonly first: number;
  readonly count: number;
}

export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  readonly layout: Layout;
  readonly dtype: DType;
  /** The node that computes it; undefined for a source. */
  readonly node: Node | undefined;
  readonly source: Source | undefined;
}

/** One operation applied to tensors. */
export interface Node<Attributes = unknown> {
  readonly name: string;
  readonly op: Op<Attributes>;
  readonly attributes: Attributes;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Where this tensor is not above 0, the output is 0: a mask that fuse.ts put here. */
  readonly mask?: Tensor | undefined;
  /** Tensors that it does not read, but that must be there before it runs (recompute.ts). */
  readonly after?: readonly Tensor[] | undefined;
}

export interface OutputSpec {
  readonly shape: Shape;
  readonly layout: Layout;
  /** "f32" when left out. */
  readonly dtype?: DType | undefined;
}

/** First and last row of an image. */
export type Rows = readonly [first: number, last: number];

/** An operation: its shape rule, its gradient, and the kernels that compute it. */
export interface Op<Attributes = unknown> {
  /** What errors, profiles and tuning tables call it: one op has it. */
  readonly name: string;
  /** Shapes of the outputs. Throws a `ShapeError` that gives the shapes. */
  outputs(inputs: readonly Tensor[], attributes: Attributes): readonly OutputSpec[];
  /** Gradients of the inputs for given gradients of the outputs; undefined where there is none. */
  gradient?(
    node: Node<Attributes>,
    outputGradients: readonly (Tensor | undefined)[],
  ): readonly (Tensor | undefined)[];
  /** At least one of them computes each node on each adapter (`kernelsOf`). */
  readonly kernels: readonly Kernel<Attributes>[];
  /**
   * The node that does the work of `node` and of `reader`, the only one that reads its only output,
   * in one pass; undefined where no kernel does (fuse.ts).
   */
  fuseInto?(node: Node<Attributes>, reader: Node): Node | undefined;
  /** Whether it only masks: inputs [y, dy], output dy where y > 0, else 0. */
  readonly isReluMask?: boolean | undefined;
  /** Whether its output is its one input, packed or unpacked (half-storage.ts). */
  readonly isCast?: boolean | undefined;
  /** Whether it takes so long that of two in a row only one is computed again (recompute.ts). */
  readonly isCostly?: boolean | undefined;
  /**
   * Throws where values that a caller gives for inputs of the node cannot be meant, such as a label of
   * a class that is not there. `valuesOf` has those that are given in a run, row-major.
   */
  checkValues?(
    node: Node<Attributes>,
    valuesOf: (tensor: Tensor) => ArrayLike<number> | undefined,
  ): void;
  /** The rows of the inputs that these rows of the first output depend on. Columns are alike. */
  receptiveField?(node: Node<Attributes>, rows: Rows): readonly (readonly [Tensor, Rows])[];
  /** What a table of layers calls a node: "convolution"; the name of the op when left out. */
  words?(node: Node<Attributes>): string;
}

/**
 * One way to compute the nodes of an op. What it writes keeps the rule of the padding (layout.ts): in
 * the last group of four of a row, pixels past the width are 0.
 */
export interface Kernel<Attributes = unknown> {
  /** Its name among the kernels of the op, by which a tuning table stores it. */
  readonly name: string;
  /**
   * Its place among the kernels of the op for a node on an adapter: the smallest is the first choice.
   * Undefined where it cannot compute the node there. When left out it computes every node, at place
   * 0. It may depend on shapes and attributes, not on `Node.mask`.
   */
  rank?(node: Node<Attributes>, capabilities: Capabilities): number | undefined;
  /** Whether the tuner holds the answers of the other kernels to those of this one. */
  readonly isReference?: boolean | undefined;
  /** How far its answer may be off, relative in the 2-norm; 1e-5 when left out. */
  tolerance?(node: Node<Attributes>): number;
  /** Whether it applies `Node.mask` while it writes. */
  readonly fusesReluMask?: boolean | undefined;
  /**
   * The node for which it does in one pass the work of `node` and of `reader`, which reads its only
   * output as others may, and nothing else; it has the outputs of both. Undefined where it cannot.
   */
  fuseExtraOutput?(
    node: Node<Attributes>,
    reader: Node,
    capabilities: Capabilities,
  ): Node | undefined;
  /** What to run, in order. */
  dispatches(node: Node<Attributes>, capabilities: Capabilities): readonly Dispatch[];
}

/** A run of a shader, as data: a kernel describes it (`dispatch`), a plan executes it. */
export interface Dispatch {
  readonly shader: Shader;
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
