// Fusion: what a pass over a tensor does can often be done by the kernel that makes the tensor, while
// it writes. The gradient of a ReLU is such a pass (`Node.mask`); ops may know others (`Op.fuseInto`).

import type { Node } from "./op.js";
import { finish, type Pausable } from "./pausable.js";
import type { Tensor } from "./tensor.js";

/** What the kernels of nodes can do besides. */
export interface Fusions {
  /** Whether the kernel of a node can mask its output. */
  fusesReluMask(node: Node): boolean;
  /** `Kernel.fuseExtraOutput` of the kernel of a node. */
  fuseExtraOutput?(maker: Node, reader: Node): Node | undefined;
}

/**
 * The nodes with each one that can be done while another writes merged into that other: where nobody
 * else reads what stands between, and the merged node runs where its reader ran; or where the merged
 * node writes what stands between too, and runs where its maker ran. What nobody needs any more is
 * left out. `kept` are tensors that the caller reads.
 */
export function fuse(nodes: readonly Node[], kept: ReadonlySet<Tensor>, fusions: Fusions): Node[] {
  return finish(fuseInPieces(nodes, kept, fusions));
}

/** The same, for a large graph. */
export function* fuseInPieces(
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  { fusesReluMask, fuseExtraOutput }: Fusions,
): Pausable<Node[]> {
  const readers = new Map<Tensor, number>();
  for (const { inputs } of nodes) {
    for (const tensor of inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const fused: (Node | undefined)[] = []; // in the order in which they run
  const places = new Map<Tensor, number>(); // of their makers
  for (const node of nodes) {
    yield;
    let current = node;
    let place = fused.length;
    for (const tensor of node.inputs) {
      const at = places.get(tensor) ?? -1;
      const maker = fused[at];
      if (maker?.outputs.length !== 1) continue;
      const isShared = kept.has(tensor) || readers.get(tensor) !== 1;
      const merged = isShared ? undefined : merge(maker, node, fusesReluMask);
      if (merged) {
        fused[at] = undefined;
        current = merged;
        break;
      }
      const isReady = node.inputs.length === 1 && !node.after; // as soon as the maker has run
      const extended = isReady ? fuseExtraOutput?.(maker, node) : undefined;
      if (extended) {
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

function merge(maker: Node, reader: Node, takesMask: (node: Node) => boolean): Node | undefined {
  const [mask, masked] = reader.inputs;
  const isMask = reader.op.isReluMask && masked === maker.outputs[0] && !maker.mask;
  if (isMask && takesMask(maker)) return { ...maker, outputs: reader.outputs, mask };
  return maker.mask ? undefined : maker.op.fuseInto?.(maker, reader);
}

/** Without the nodes whose outputs nobody reads. A node without outputs changes a state. */
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
