// Storage in 16 bits. Kernels read and write floats of 32 bits. A tensor that waits long for its next
// reader, such as an activation for the backward pass, lies packed in half of the memory meanwhile:
// narrowed behind its maker, and widened in front of each group of later readers, but for kernels that
// read textures: these hold either, and a load gives floats.

import type { Node } from "./op.js";
import type { Tensor } from "./tensor.js";

/** How a tensor is packed and unpacked: ops that are handed in, since the graph knows none. */
export interface HalfCasts {
  narrow(x: Tensor, name: string): Tensor;
  widen(x: Tensor, name: string): Tensor;
}

/**
 * The nodes, in the order in which they run, with those between that pack and unpack. `kept` are
 * tensors that the caller reads: they stay as they are. `bindingsOf` tells what the kernel of a node
 * binds.
 */
export type HalfStorage = (
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  bindingsOf: (node: Node) => readonly Binding[],
) => readonly Node[];

/** Tensors that a kernel reads as one. */
export interface Binding {
  readonly tensors: readonly Tensor[];
  /** Whether they may lie packed, if all of them do. */
  readonly isPackable: boolean;
}

/**
 * Nodes from one reader to the next within which a tensor stays as it is: those of one layer, forward
 * or backward, read it in one go.
 */
const NEAR = 3;

/** The pack of `Pack` for images, by these ops. */
export function keepWaitingInHalves({ narrow, widen }: HalfCasts): HalfStorage {
  return (nodes, kept, bindingsOf) => {
    const { waiting, direct } = settle(waitsOf(nodes, kept), nodes.map(bindingsOf));
    const standIns = nodes.map(() => new Map<Tensor, Tensor>());
    const before = nodes.map(() => [] as Node[]);
    const behind = nodes.map(() => [] as Node[]);
    for (const { tensor, maker, near, later } of waiting) {
      const packed = narrow(tensor, `${tensor.name} narrowed`);
      behind[maker].push(packed.node as Node);
      for (const reader of near) {
        if (direct[reader].has(tensor)) standIns[reader].set(tensor, packed);
      }
      for (const visit of later) {
        let wide: Tensor | undefined;
        for (const reader of visit) {
          if (!direct[reader].has(tensor) && !wide) {
            wide = widen(packed, `${tensor.name} widened`);
            before[reader].push(wide.node as Node);
          }
          standIns[reader].set(tensor, direct[reader].has(tensor) ? packed : (wide as Tensor));
        }
      }
    }
    return nodes.flatMap((node, at) => {
      const made = standIns[at].size > 0 ? withInputs(node, standIns[at]) : node;
      return [...before[at], made, ...behind[at]];
    });
  };
}

/**
 * The tensors that are worth packing, and by position of a node those that its kernel reads packed:
 * a tensor without later readers is packed where all of its readers take it so.
 */
function settle(
  candidates: readonly Wait[],
  bindings: readonly (readonly Binding[])[],
): { waiting: readonly Wait[]; direct: readonly ReadonlySet<Tensor>[] } {
  const read = bindings.map(() => new Set<Tensor>());
  for (const { tensor, near, later } of candidates) {
    for (const reader of [near, later].flat(2)) read[reader].add(tensor);
  }
  const direct = bindings.map((bound, at) => readPacked(bound, read[at]));
  const waiting = candidates.filter(
    ({ tensor, near, later }) =>
      later.length > 0 || near.every((reader) => direct[reader].has(tensor)),
  );
  // What stays as it is may keep what is read together with it from being read packed.
  return waiting.length < candidates.length ? settle(waiting, bindings) : { waiting, direct };
}

/** Which of the tensors `of` a kernel reads as they lie packed. */
function readPacked(bindings: readonly Binding[], of: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const result = new Set(of);
  for (const { tensors, isPackable } of bindings) {
    if (isPackable && tensors.every((tensor) => of.has(tensor))) continue;
    for (const tensor of tensors) result.delete(tensor);
  }
  // What is read together with one that is not is not packed either.
  return result.size < of.size ? readPacked(bindings, result) : result;
}

/** A tensor that may wait, by positions of nodes. */
interface Wait {
  readonly tensor: Tensor;
  readonly maker: number;
  /** The readers that follow the maker. */
  readonly near: readonly number[];
  /** Those far behind, neighbours together. */
  readonly later: readonly (readonly number[])[];
}

function waitsOf(nodes: readonly Node[], kept: ReadonlySet<Tensor>): Wait[] {
  const readers = readersOf(nodes);
  return nodes.flatMap(({ outputs }, maker) =>
    outputs.flatMap((tensor) => {
      if (tensor.layout !== "image" || kept.has(tensor)) return [];
      const [[, ...near], ...later] = visits(maker, readers.get(tensor) ?? []);
      return near.length + later.length > 0 ? [{ tensor, maker, near, later }] : [];
    }),
  );
}

/** The positions of the nodes that read each tensor, ascending. */
function readersOf(nodes: readonly Node[]): Map<Tensor, number[]> {
  const readers = new Map<Tensor, number[]>();
  for (const [at, { inputs, mask }] of nodes.entries()) {
    for (const tensor of new Set(mask ? [...inputs, mask] : inputs)) {
      const positions = readers.get(tensor);
      if (positions) positions.push(at);
      else readers.set(tensor, [at]);
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
