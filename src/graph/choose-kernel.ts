// Which of its kernels a node runs. An op offers the names of those that can compute a node on an
// adapter, the best guess first; a table that was measured on the adapter may choose another.

import type { Capabilities, Node, Tensor } from "./tensor.js";

/** Picks one of the `offered` names. */
export type ChooseKernel = (node: Node, offered: readonly string[]) => string;

/** Name of a kernel by the key of its layer (`layerKey`). */
export type TuningTable = ReadonlyMap<string, string>;

/** The names that the op offers for a node: one at least. */
export function kernelsOf(node: Node, capabilities: Capabilities): readonly string[] {
  const offered = node.op.kernels?.(node, capabilities) ?? [];
  return offered.length > 0 ? offered : [node.op.name];
}

/**
 * What a layer's speed depends on: op, attributes, shapes of the inputs, mask. Two nodes with one
 * key run the same kernel.
 */
export function layerKey({ op, attributes, inputs, mask }: Node): string {
  const shape = (tensor: Tensor) => tensor.shape.join("x");
  const parts = [op.name, JSON.stringify(attributes ?? {}), ...inputs.map(shape)];
  return [...parts, ...(mask ? ["mask"] : [])].join(" ");
}

/**
 * Chooses what the table says where the op offers it, else the first. A layer keeps its first answer: a
 * plan is made in pieces, and the table may change meanwhile.
 */
export function chooseFrom(choices: TuningTable): ChooseKernel {
  const answers = new Map<string, string | undefined>();
  return (node, offered) => {
    const key = layerKey(node);
    if (!answers.has(key)) answers.set(key, choices.get(key));
    const chosen = answers.get(key);
    return chosen !== undefined && offered.includes(chosen) ? chosen : offered[0];
  };
}
