// What the dispatches of a plan bind.

import type { Dispatch } from "../graph/dispatch.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import type { ShaderBinding } from "../shaders/shader.js";

/** One dispatch of a plan. */
export interface PlannedDispatch {
  readonly node: Node;
  /** Name of the kernel, among those of the node's op. */
  readonly kernel: string;
  /** Whether it runs in the first run only. Such dispatches come first. */
  readonly firstRunOnly: boolean;
  /** Position of the dispatch in the plan. */
  readonly position: number;
  readonly dispatch: Dispatch;
  /** The share of the kernel's dispatch that it does, if that was cut into several. By default 1. */
  readonly share?: number | undefined;
}

type Call = Pick<PlannedDispatch, "dispatch">;

/** A tensor with the shader binding that holds it. */
interface Bound extends ShaderBinding {
  /** The binding number. */
  readonly binding: number;
  readonly tensor: Tensor;
}

/** Returns what a dispatch binds, except its uniforms. */
export function boundBy({ dispatch: { shader, bindings } }: Call): Bound[] {
  const storage = shader.bindings
    .map((declared, binding) => ({ ...declared, binding }))
    .filter(({ kind }) => kind !== "uniform");
  return bindings.map((tensor, i) => ({ ...storage[i], tensor }));
}

/** Returns the tensors that a dispatch writes. */
export function writtenBy(step: Call): Tensor[] {
  return boundBy(step).flatMap(({ kind, tensor }) => (kind === "read_write" ? tensor : []));
}

/** Returns the bindings of a dispatch that hold f16 tensors as textures. */
export function f16Bindings(step: Call): number[] {
  return boundBy(step).flatMap(({ kind, tensor, binding }) =>
    kind === "texture" && tensor.dtype === "f16" ? binding : [],
  );
}

/** Returns the tensors that a dispatch binds as textures. */
export function textureReads(step: PlannedDispatch): Tensor[] {
  return boundBy(step).flatMap(({ kind, tensor }) => (kind === "texture" ? tensor : []));
}

/** Returns the tensors whose buffers a binding needs. */
export function partsOf(tensor: Tensor): readonly Tensor[] {
  const { source } = tensor;
  return source?.kind === "joined" ? source.parts.map((part) => part.tensor) : [tensor];
}
