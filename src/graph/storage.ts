// Storage in 16 bits. Kernels read and write floats of 32 bits. A tensor that waits long for its next
// reader, such as an activation for the backward pass, lies packed in half of the memory meanwhile:
// narrowed behind the readers of the time when it was made, widened in front of each later group.

import type { Node, Tensor } from "./tensor.js";

/** How a tensor is packed and unpacked: ops that are handed in, since the graph knows none. */
export interface Storage {
  narrow(x: Tensor, name: string): Tensor;
  widen(x: Tensor, name: string): Tensor;
}

/**
 * The nodes, in the order in which they run, with those between that pack and unpack. `kept` are
 * tensors that the caller reads: they stay as they are.
 */
export type Pack = (nodes: readonly Node[], kept: ReadonlySet<Tensor>) => readonly Node[];

/**
 * Nodes from one reader to the next within which a tensor stays as it is: those of one layer, forward
 * or backward, read it in one go.
 */
const NEAR = 3;

/** Packs images (`Pack`). */
export function packWaiting(
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  { narrow, widen }: Storage,
): Node[] {
  const readers = readersOf(nodes);
  const between = nodes.map(() => ({
    before: [] as Node[],
    behind: [] as Node[],
    standIns: new Map<Tensor, Tensor>(),
  }));
  for (const [at, { outputs }] of nodes.entries()) {
    for (const tensor of outputs) {
      if (tensor.order !== "image" || kept.has(tensor)) continue;
      const [first, ...later] = visits(at, readers.get(tensor) ?? []);
      if (later.length === 0) continue;
      const packed = narrow(tensor, `${tensor.name} narrowed`);
      between[first[first.length - 1]].behind.push(packed.node as Node);
      for (const visit of later) {
        const wide = widen(packed, `${tensor.name} widened`);
        between[visit[0]].before.push(wide.node as Node);
        for (const reader of visit) between[reader].standIns.set(tensor, wide);
      }
    }
  }
  return nodes.flatMap((node, at) => {
    const { before, behind, standIns } = between[at];
    return [...before, standIns.size > 0 ? withInputs(node, standIns) : node, ...behind];
  });
}

/** The positions of the nodes that read each tensor, ascending. */
function readersOf(nodes: readonly Node[]): Map<Tensor, number[]> {
  const readers = new Map<Tensor, number[]>();
  for (const [at, { inputs, mask }] of nodes.entries()) {
    for (const tensor of new Set(mask ? [...inputs, mask] : inputs)) {
      readers.set(tensor, [...(readers.get(tensor) ?? []), at]);
    }
  }
  return readers;
}

/** Positions in groups of neighbours; the first group begins with the maker. */
function visits(maker: number, readers: readonly number[]): number[][] {
  const groups = [[maker]];
  for (const reader of readers) {
    const group = groups[groups.length - 1];
    if (reader - group[group.length - 1] <= NEAR) group.push(reader);
    else groups.push([reader]);
  }
  return groups;
}

function withInputs(node: Node, standIns: ReadonlyMap<Tensor, Tensor>): Node {
  const standIn = (tensor: Tensor) => standIns.get(tensor) ?? tensor;
  const { inputs, mask } = node;
  return { ...node, inputs: inputs.map(standIn), ...(mask ? { mask: standIn(mask) } : {}) };
}
