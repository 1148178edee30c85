// Fusion of masks: the gradient of a ReLU is a pass over two tensors that the kernel which writes
// the second one can do while it writes.

import type { Node, Tensor } from "./tensor.js";

/**
 * The nodes with each mask node merged into the node that makes what it masks, where that node's
 * kernels can and nobody else reads the unmasked tensor. `kept` are tensors that the caller reads.
 */
export function fuseMasks(
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  takesMask: (node: Node) => boolean,
): Node[] {
  const readers = new Map<Tensor, number>();
  for (const { inputs } of nodes) {
    for (const tensor of inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const position = new Map(nodes.map((node, i) => [node, i]));
  const merged = new Map<Node, Node>();
  const gone = new Set<Node>();
  for (const node of nodes) {
    if (!node.op.isMask) continue;
    const [mask, masked] = node.inputs;
    const maker = masked.node;
    if (!maker || kept.has(masked) || !takesMask(maker)) continue;
    if (readers.get(masked) !== 1 || maker.outputs.length !== 1 || merged.has(maker)) continue;
    // The mask must be there when the maker runs.
    const at = (maskNode: Node) => position.get(maskNode) ?? Number.POSITIVE_INFINITY;
    if (mask.node && at(mask.node) >= at(maker)) continue;
    merged.set(maker, { ...maker, outputs: node.outputs, mask });
    gone.add(node);
  }
  return nodes.filter((node) => !gone.has(node)).map((node) => merged.get(node) ?? node);
}
