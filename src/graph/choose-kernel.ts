// Chooses the kernel of a node. Of the kernels of its op, some can compute the node on an adapter;
// they are ordered by rank. A tuning table measured on the adapter may choose another than the
// first.

import type { Capabilities } from "./capabilities.js";
import type { Kernel, Node } from "./op.js";
import type { Tensor } from "./tensor.js";

/** Returns one of the `offered` names. */
export type ChooseKernel = (node: Node, offered: readonly string[]) => string;

/** Names of kernels by the key of a layer (`layerKey`). */
export type TuningTable = ReadonlyMap<string, string>;

/** The name of a kernel among those of all ops: "conv2d winograd". */
export const kernelKey = (op: string, kernel: string): string => `${op} ${kernel}`;

/**
 * Returns the kernels that can compute a node on an adapter, the first choice first. Throws if
 * there are none.
 */
export function kernelsOf(node: Node, capabilities: Capabilities): readonly Kernel[] {
  const offered = offeredKernels(node, capabilities);
  if (offered.length > 0) return offered;
  const { kernels, name } = node.op;
  const isAvoided = (kernel: Kernel) => capabilities.avoided?.has(kernelKey(name, kernel.name));
  const names = kernels
    .filter(({ hasHalfFactors }) => !hasHalfFactors)
    .map((kernel) => kernel.name + (isAvoided(kernel) ? " (wrong here)" : ""));
  throw new Error(
    `node ${node.name}: no kernel of ${name} computes it on this adapter: ${names.join(", ") || "none"}`,
  );
}

/** The same, but returns an empty list if there are none. */
export function offeredKernels(node: Node, capabilities: Capabilities): readonly Kernel[] {
  const { kernels, name } = node.op;
  const places = kernels.flatMap((kernel) => {
    const key = kernelKey(name, kernel.name);
    if (capabilities.avoided?.has(key)) return [];
    if (kernel.hasHalfFactors && !capabilities.halfFactors?.has(key)) return [];
    const rank = kernel.rank ? kernel.rank(node, capabilities) : 0;
    return rank === undefined ? [] : [{ kernel, rank }];
  });
  return places.sort((a, b) => a.rank - b.rank).map(({ kernel }) => kernel);
}

/** Returns the kernel that `choose` picks for a node. Throws if it cannot compute the node. */
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
 * The key of everything that the speed of a layer depends on: op, attributes, shapes of the inputs,
 * mask. Nodes with the same key run the same kernel.
 */
export function layerKey({ op, attributes, inputs, mask }: Node): string {
  const shape = (tensor: Tensor) => tensor.shape.join("x");
  const parts = [op.name, JSON.stringify(attributes ?? {}), ...inputs.map(shape)];
  return [...parts, ...(mask ? ["mask"] : [])].join(" ");
}

/** The key of a layer for which kernels with factors of 16 bits competed too. */
export const halfKey = (key: string): string => `${key} f16`;

/**
 * Chooses the kernel in the table if it is offered, else the first. The first answer for a layer is
 * remembered: planning can pause, and the table may change during a pause. `allowsHalves`: choices
 * among more kernels go before those among the usual ones.
 */
export function chooseFrom(choices: TuningTable, allowsHalves = false): ChooseKernel {
  const answers = new Map<string, string | undefined>();
  return (node, offered) => {
    const key = layerKey(node);
    if (!answers.has(key)) {
      const among = allowsHalves ? choices.get(halfKey(key)) : undefined;
      answers.set(key, among ?? choices.get(key));
    }
    const chosen = answers.get(key);
    return chosen !== undefined && offered.includes(chosen) ? chosen : offered[0];
  };
}
