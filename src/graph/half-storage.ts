// Storage in 16 bits. Kernels compute in 32-bit floats. A tensor that waits long for its next
// reader, such as an activation kept for the backward pass, is stored as f16 in half the memory:
// narrowed after the node that computes it, and widened before each group of later readers. Kernels
// that read textures need no widening: a texture can hold either type, and a load returns f32.

import type { Node } from "./op.js";
import type { Tensor } from "./tensor.js";

/** The ops that convert; passed in, since src/graph imports no ops. */
export interface HalfCasts {
  narrow(x: Tensor, name: string): Tensor;
  widen(x: Tensor, name: string): Tensor;
}

/**
 * Inserts the nodes that narrow and widen, and returns all nodes in execution order. `kept` are
 * tensors that the caller reads: they stay f32. `bindingsOf` returns what the kernel of a node
 * binds.
 */
export type HalfStorage = (
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  bindingsOf: (node: Node) => readonly Binding[],
) => readonly Node[];

/** Tensors that a kernel reads through one binding. */
export interface Binding {
  /** The tensors of its bindings, in order. */
  readonly tensors: readonly Tensor[];
  /** Whether they may be stored as f16, provided that all of them are. */
  readonly isPackable: boolean;
}

/**
 * The largest distance, in nodes, between two readers that are served by the same f32 tensor: the
 * nodes of one layer, forward or backward, read it within this distance.
 */
const NEAR = 3;

/** Returns a `HalfStorage` for image tensors that converts with the given ops. */
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
 * Returns the tensors that are worth storing as f16 and, by position of a node, those that its
 * kernel reads as f16. A tensor without later readers is stored as f16 only if all its readers can
 * read it so.
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
  // A tensor that stays f32 can keep the tensors of the same binding from being read as f16, so
  // repeat until nothing changes.
  return waiting.length < candidates.length ? settle(waiting, bindings) : { waiting, direct };
}

/** Returns the tensors of `of` that a kernel can read as f16. */
function readPacked(bindings: readonly Binding[], of: ReadonlySet<Tensor>): ReadonlySet<Tensor> {
  const result = new Set(of);
  for (const { tensors, isPackable } of bindings) {
    if (isPackable && tensors.every((tensor) => of.has(tensor))) continue;
    for (const tensor of tensors) result.delete(tensor);
  }
  // All tensors of one binding must have the same type, so repeat until nothing changes.
  return result.size < of.size ? readPacked(bindings, result) : result;
}

/** A candidate for f16, with the positions of the nodes that touch it. */
interface Wait {
  readonly tensor: Tensor;
  readonly maker: number;
  /** The readers right after the maker. */
  readonly near: readonly number[];
  /** The readers far after the maker, neighbours grouped. */
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

/** Returns the positions of the nodes that read each tensor, ascending. */
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

/** Groups positions by neighbourhood. The first group begins with the maker. */
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
