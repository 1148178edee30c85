// What the dispatches of a plan bind.

import type { Dispatch } from "../graph/dispatch.js";
import type { Node } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import type { ShaderBinding } from "../shaders/shader.js";

/** One dispatch of a plan. */
export interface PlannedDispatch {
  readonly node: Node;
  /** Name of the node's kernel among those that its op offers. */
  readonly kernel: string;
  /** Whether it is computed in the first run only: such steps come first. */
  readonly firstRunOnly: boolean;
  /** Position of the dispatch in the plan. */
  readonly position: number;
  readonly dispatch: Dispatch;
}

type Call = Pick<PlannedDispatch, "dispatch">;

/** A tensor and the binding of a shader that holds it. */
interface Bound extends ShaderBinding {
  /** The number. */
  readonly binding: number;
  readonly tensor: Tensor;
}

/** What a step binds except its uniforms. */
export function boundBy({ dispatch: { shader, bindings } }: Call): Bound[] {
  const storage = shader.bindings
    .map((declared, binding) => ({ ...declared, binding }))
    .filter(({ kind }) => kind !== "uniform");
  return bindings.map((tensor, i) => ({ ...storage[i], tensor }));
}

/** The tensors that a step writes. */
export function writtenBy(step: Call): Tensor[] {
  return boundBy(step).flatMap(({ kind, tensor }) => (kind === "read_write" ? tensor : []));
}

/** The bindings of a step that hold packed tensors as textures. */
export function f16Bindings(step: Call): number[] {
  return boundBy(step).flatMap(({ kind, tensor, binding }) =>
    kind === "texture" && tensor.dtype === "f16" ? binding : [],
  );
}

/** The tensors that a step binds as textures. */
export function textureReads(step: PlannedDispatch): Tensor[] {
  return boundBy(step).flatMap(({ kind, tensor }) => (kind === "texture" ? tensor : []));
}

/** The tensors of which a binding needs buffers. */
export function partsOf(tensor: Tensor): readonly Tensor[] {
  const { source } = tensor;
  return source?.kind === "joined" ? source.parts.map((part) => part.tensor) : [tensor];
}
