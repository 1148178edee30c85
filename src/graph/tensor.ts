// The graph: tensors and the nodes that make them. Nothing here knows a GPU, a file or a kernel.
//
// A graph is what hangs together through `Tensor.node`: there is no graph object and no hidden
// state. A function such as `conv2d(x, weight)` checks shapes and returns a tensor that remembers
// how it is made; `gradients` (gradients.ts) adds nodes; a plan (gpu/plan.ts) runs them.

import { checkWord } from "../arguments/keys.js";
import { checkNumbers, kindOf } from "../arguments/numbers.js";
import type { Dispatch } from "./dispatch.js";

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
  /** Others, one below the other in one texture: it has no buffer of its own (`joined`). */
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

/** What an op needs to know of an adapter to choose its kernels. */
export interface Capabilities {
  readonly kind: "cpu" | "gpu";
  /** Invocations that run in step; a workgroup without barriers is a multiple of it. */
  readonly workgroupSize: number;
  /** Whether subgroup operations exist with a fixed size of `lanes`. */
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

export interface OutputSpec {
  readonly shape: Shape;
  readonly layout: Layout;
  /** "f32" when left out. */
  readonly dtype?: DType | undefined;
}

/** An operation: its shape rule, its kernels, its gradient. */
export interface Op<Attributes = unknown> {
  /** Stem of its file, its shader and its test. */
  readonly name: string;
  /**
   * Names of the kernels that can compute a node on an adapter, the best guess first. One kernel,
   * with the name of the op, when left out. The names may depend on shapes and attributes, not on
   * `Node.mask`.
   */
  kernels?(node: Node<Attributes>, capabilities: Capabilities): readonly string[];
  /** Whether a kernel applies `Node.mask` while it writes; never when left out. */
  fusesReluMask?(node: Node<Attributes>, capabilities: Capabilities, kernel: string): boolean;
  /**
   * The node that does the work of `node` and of `reader`, the only one that reads its only output,
   * in one pass; undefined where no kernel does (fuse.ts).
   */
  fuseInto?(node: Node<Attributes>, reader: Node): Node | undefined;
  /**
   * The node whose kernel does in one pass the work of `node` and of `reader`, which reads its only
   * output as others may, and nothing else; it has the outputs of both. Undefined where no kernel does.
   */
  fuseExtraOutput?(
    node: Node<Attributes>,
    reader: Node,
    capabilities: Capabilities,
    kernel: string,
  ): Node | undefined;
  /** Whether it only masks: inputs [y, dy], output dy where y > 0, else 0. */
  readonly isReluMask?: boolean | undefined;
  /** Whether its output is its one input, packed or unpacked (half-storage.ts). */
  readonly isCast?: boolean | undefined;
  /** Shapes of the outputs. Throws a `ShapeError` that gives the shapes. */
  outputs(inputs: readonly Tensor[], attributes: Attributes): readonly OutputSpec[];
  /** Gradients of the inputs for given gradients of the outputs; undefined where there is none. */
  gradient?(
    node: Node<Attributes>,
    outputGradients: readonly (Tensor | undefined)[],
  ): readonly (Tensor | undefined)[];
  /**
   * Throws where values that a caller gives for inputs of the node cannot be meant, such as a label of
   * a class that is not there. `valuesOf` has those that are given in a run, row-major.
   */
  checkValues?(
    node: Node<Attributes>,
    valuesOf: (tensor: Tensor) => ArrayLike<number> | undefined,
  ): void;
  /** What to run, in order, for one of the names that `kernels` offers. */
  dispatches(
    node: Node<Attributes>,
    capabilities: Capabilities,
    kernel: string,
  ): readonly Dispatch[];
}

/** Thrown where an op is applied to tensors that do not fit. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Applies an op: checks the shapes now, computes nothing. */
export function apply<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
  name: string = op.name,
): readonly Tensor[] {
  for (const [i, tensor] of inputs.entries()) expectTensor(op.name, `input ${i}`, tensor);
  if (typeof name !== "string") {
    throw new ShapeError(`${op.name}: the name must be a text, got ${kindOf(name)}`);
  }
  const specs = op.outputs(inputs, attributes);
  const outputs: Tensor[] = [];
  const node: Node<Attributes> = { name, op, attributes, inputs, outputs };
  for (const [i, spec] of specs.entries()) {
    outputs.push({
      name: i === 0 ? name : `${name}:${i}`,
      shape: spec.shape,
      layout: spec.layout,
      dtype: spec.dtype ?? "f32",
      node: node as Node,
      source: undefined,
    });
  }
  return outputs;
}

/** Throws unless `value` is a tensor; `what` names it in the error. */
export function expectTensor(op: string, what: string, value: unknown): void {
  const { shape, layout } = (value ?? {}) as Partial<Tensor>;
  if (Array.isArray(shape) && layout !== undefined) return;
  throw new ShapeError(`${op}: ${what} must be a tensor, got ${kindOf(value)}`);
}

const LAYOUTS: readonly Layout[] = ["image", "dense"];

function source(name: string, shape: Shape, layout: Layout, from: Source): Tensor {
  if (typeof name !== "string" || name === "") {
    throw new ShapeError(`${from.kind}: a tensor has a name, got ${kindOf(name)}`);
  }
  if (!Array.isArray(shape)) {
    throw new ShapeError(`${name}: a shape is a list of sizes, got ${kindOf(shape)}`);
  }
  checkWord(`${name}: the layout`, layout, LAYOUTS);
  if (shape.some((size) => !Number.isInteger(size) || size < 1)) {
    throw new ShapeError(`${name}: sizes are whole numbers of at least 1, got ${text(shape)}`);
  }
  if (layout === "image" && shape.length !== 4) {
    throw new ShapeError(`${name}: an image tensor is [N, C, H, W], got ${text(shape)}`);
  }
  return { name, shape, layout, dtype: "f32", node: undefined, source: from };
}

const defaultLayout = (shape: Shape): Layout => (shape.length === 4 ? "image" : "dense");

/**
 * A tensor that the caller writes before each run. Rank 4 is taken as images [N, C, H, W]; pass
 * "dense" for a weight.
 */
export function input(name: string, shape: Shape, layout: Layout = defaultLayout(shape)): Tensor {
  return source(name, shape, layout, { kind: "input" });
}

/** A tensor whose values never change, row-major. */
export function constant(
  name: string,
  shape: Shape,
  values: ArrayLike<number>,
  layout: Layout = defaultLayout(shape),
): Tensor {
  if (values.length !== elementCount(shape)) {
    throw new ShapeError(
      `${name}: ${values.length} values do not fill ${text(shape)} (${elementCount(shape)})`,
    );
  }
  checkNumbers(`constant ${name}`, values);
  return source(name, shape, layout, { kind: "constant", values: Float32Array.from(values) });
}

/** A dense range of the state buffer `state`, from float `offset`, a multiple of 64. */
export function stateTensor(name: string, shape: Shape, state: string, offset = 0): Tensor {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new ShapeError(
      `${name}: the offset in the state ${state} is a whole number of floats from 0, got ${offset}`,
    );
  }
  return source(name, shape, "dense", { kind: "state", state, offset });
}

/** Working memory of `floats` floats for the dispatches of one node. */
export function scratch(name: string, floats: number): Tensor {
  return source(name, [floats], "dense", { kind: "scratch" });
}

/** Working memory that a kernel may read as a texture of `texels` by `rows` (layout.ts). */
export function scratchTexture(name: string, rows: number, texels: number): Tensor {
  return source(name, [rows, texels, 4], "dense", { kind: "scratch" });
}

/** Working memory for an image of one node. */
export function scratchImage(name: string, shape: Shape): Tensor {
  return source(name, shape, "image", { kind: "scratch" });
}

export function elementCount(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A shape as errors print it: [2,3,9,7]. */
export function text(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

export function sameShape(a: Tensor, b: Tensor): boolean {
  return (
    a.layout === b.layout &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, i) => size === b.shape[i])
  );
}

/** Throws unless `tensor` is an image tensor; `what` names it in the error. */
export function expectImage(op: string, what: string, tensor: Tensor): void {
  if (tensor.layout !== "image") {
    throw new ShapeError(
      `${op}: ${what} must be an image tensor [N,C,H,W], got a dense ${text(tensor.shape)}`,
    );
  }
}

/** Throws unless `tensor` is dense with the given shape. */
export function expectDense(op: string, what: string, tensor: Tensor, shape: Shape): void {
  const same =
    tensor.shape.length === shape.length && shape.every((size, i) => size === tensor.shape[i]);
  if (tensor.layout !== "dense" || !same) {
    throw new ShapeError(
      `${op}: ${what} must be a dense ${text(shape)}, got ${tensor.layout} ${text(tensor.shape)}`,
    );
  }
}
