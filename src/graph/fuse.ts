// Fusion: the kernel that computes a tensor can often do the next pass over it too, while it
// writes. The gradient of a ReLU is such a pass (`Node.mask`); ops can define others
// (`Op.fuseInto`).

import type { Node } from "./op.js";
import { finish, type Pausable } from "./pausable.js";
import type { Tensor } from "./tensor.js";

/** Which fusions the chosen kernels support. */
export interface Fusions {
  /** Whether the kernel of a node can mask its output. */
  fusesReluMask(node: Node): boolean;
  /** Calls `Kernel.fuseExtraOutput` of the maker's kernel. */
  fuseExtraOutput?(maker: Node, reader: Node): Node | undefined;
  /** Whether a kernel computes a fused node. By default one does. */
  canRun?(node: Node): boolean;
}

/**
 * Fuses nodes into the node that computes their input, in two cases:
 * - Nobody else reads the tensor in between. It disappears, and the fused node runs at the place of
 *   its reader.
 * - Others read it too. The fused node also outputs it, and runs at the place of its maker.
 *
 * Nodes whose outputs are no longer needed are left out. `kept` are tensors that the caller reads.
 */
export function fuse(nodes: readonly Node[], kept: ReadonlySet<Tensor>, fusions: Fusions): Node[] {
  return finish(fuseInPieces(nodes, kept, fusions));
}

/** The same as `fuse`, in pieces, for large graphs. */
export function* fuseInPieces(
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  { fusesReluMask, fuseExtraOutput, canRun = () => true }: Fusions,
): Pausable<Node[]> {
  const readers = new Map<Tensor, number>();
  for (const { inputs } of nodes) {
    for (const tensor of inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const fused: (Node | undefined)[] = []; // in execution order
  const places = new Map<Tensor, number>(); // indices into `fused` of the nodes that compute them
  for (const node of nodes) {
    yield;
    let current = node;
    let place = fused.length;
    const inputs = new Set(node.inputs);
    for (const tensor of inputs) {
      const at = places.get(tensor) ?? -1;
      const maker = fused[at];
      if (maker?.outputs.length !== 1) continue;
      const isShared = kept.has(tensor) || readers.get(tensor) !== 1;
      const merged = isShared ? undefined : merge(maker, current, fusesReluMask);
      if (merged && canRun(merged)) {
        fused[at] = undefined;
        current = merged;
        if (!merged.op.fuseFrom) break;
        for (const next of merged.inputs) inputs.add(next); // whose makers may be fused too
        continue;
      }
      const isReady = current === node && inputs.size === 1 && !node.after; // right after it
      const extended = isReady ? fuseExtraOutput?.(maker, node) : undefined;
      if (extended && canRun(extended)) {
        place = at;
        current = extended;
        break;
      }
    }
    fused[place] = current;
    for (const tensor of current.outputs) places.set(tensor, place);
  }
  return needed(
    fused.filter((node) => node !== undefined),
    kept,
  );
}

function merge(
  maker: Node,
  reader: Node,
  fusesReluMask: (node: Node) => boolean,
): Node | undefined {
  const [mask, masked] = reader.inputs;
  const isReluMask = reader.op.isReluMask && masked === maker.outputs[0] && !maker.mask;
  if (isReluMask && fusesReluMask(maker)) return { ...maker, outputs: reader.outputs, mask };
  if (maker.mask) return undefined;
  return maker.op.fuseInto?.(maker, reader) ?? reader.op.fuseFrom?.(maker, reader);
}

/**
 * Removes the nodes whose outputs nobody reads. A node without outputs updates a state and stays.
 */
function needed(nodes: readonly Node[], kept: ReadonlySet<Tensor>): Node[] {
  const read = new Set<Tensor>(kept);
  const result: Node[] = [];
  for (const node of [...nodes].reverse()) {
    const { inputs, outputs, mask } = node;
    if (outputs.length > 0 && !outputs.some((tensor) => read.has(tensor))) continue;
    for (const tensor of mask ? [...inputs, mask] : inputs) read.add(tensor);
    result.push(node);
  }
  return result.reverse();
}
