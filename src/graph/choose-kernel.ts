// Which of its kernels a node runs. An op has kernels, of which some can compute a node on an adapter, the
// best guess first; a table that was measured on the adapter may choose another.

import type { Capabilities } from "./capabilities.js";
import type { Kernel, Node } from "./op.js";
import type { Tensor } from "./tensor.js";

/** Picks one of the `offered` names. */
export type ChooseKernel = (node: Node, offered: readonly string[]) => string;

/** Name of a kernel by the key of its layer (`layerKey`). */
export type TuningTable = ReadonlyMap<string, string>;

/** The kernels that can compute a node on an adapter, the best guess first. Throws where none can. */
export function kernelsOf(node: Node, capabilities: Capabilities): readonly Kernel[] {
  const { kernels, name } = node.op;
  const places = kernels.flatMap((kernel) => {
    const rank = kernel.rank ? kernel.rank(node, capabilities) : 0;
    return rank === undefined ? [] : [{ kernel, rank }];
  });
  if (places.length === 0) {
    const names = kernels.map((kernel) => kernel.name).join(", ") || "none";
    throw new Error(
      `node ${node.name}: no kernel of ${name} computes it on this adapter: ${names}`,
    );
  }
  return places.sort((a, b) => a.rank - b.rank).map(({ kernel }) => kernel);
}

/** The kernel that `choose` picks for a node. Throws where it is none of those that can compute it. */
export function chosenKernel(node: Node, capabilities: Capabilities, choose: ChooseKernel): Kernel {
  const offered = kernelsOf(node, capabilities);
  const names = offered.map(({ name }) => name);
  const chosen = choose(node, names);
  const found = offered.find(({ name }) => name === chosen);
  if (found) return found;
  throw new Error(
    `node ${node.name}: ${node.op.name} has no kernel ${chosen} here: choose one of ${names.join(", ")}`,
  );
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
 * Chooses what the table says where it is offered, else the first. A layer keeps its first answer: a
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
