// The work of a plan's dispatches in numbers: the part of a profile that does not depend on time.

import type { Dispatch } from "../graph/dispatch.js";
import { byteCount } from "../graph/layout.js";
import type { Node } from "../graph/op.js";
import type { Command } from "./commands.js";

/** What one dispatch computes and moves. */
export interface DispatchWork {
  /** Name of the node; "add (2)" for the second node of the same name. */
  readonly node: string;
  /** Name of the node's op, and of its kernel among those of the op. */
  readonly op: string;
  /** Name of the kernel. */
  readonly kernel: string;
  /** Name of the file in shaders/, without extension. */
  readonly shader: string;
  /** Of the direct method. */
  readonly multiplyAdds: number;
  /** Bytes of the tensors that the dispatch reads and writes, each counted once. */
  readonly bytes: number;
  /** Tensors that are copied into textures before it, with the bytes read and written. */
  readonly copies: readonly { readonly tensor: string; readonly bytes: number }[];
}

/** Bytes of the tensors that a dispatch binds, each counted once. */
export const boundBytes = ({ bindings }: Dispatch) =>
  [...new Set(bindings)].reduce((sum, tensor) => sum + byteCount(tensor), 0);

export function workOf(commands: readonly Command[]): DispatchWork[] {
  const nodes = [...new Set(commands.map(({ step }) => step.node))];
  const counts = new Map<string, number>();
  const names = new Map<Node, string>();
  for (const node of nodes) {
    const count = (counts.get(node.name) ?? 0) + 1;
    counts.set(node.name, count);
    names.set(node, count === 1 ? node.name : `${node.name} (${count})`);
  }
  return commands.map(({ step: { node, kernel, dispatch, share = 1 }, copies }) => ({
    node: names.get(node) as string,
    op: node.op.name,
    kernel,
    shader: dispatch.shader.name,
    multiplyAdds: Math.round((dispatch.multiplyAdds ?? 0) * share),
    bytes: Math.round(share * boundBytes(dispatch)),
    copies: copies.map(({ tensor }) => ({ tensor: tensor.name, bytes: 2 * byteCount(tensor) })),
  }));
}
