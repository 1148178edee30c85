// Fusion: what a pass over a tensor does can often be done by the kernel that makes the tensor, while
// it writes. The gradient of a ReLU is such a pass (`Node.mask`); ops may know others (`Op.absorb`).

import type { Node, Tensor } from "./tensor.js";

/**
 * The nodes with each one that can be done while another writes merged into that other, where nobody
 * else reads what stands between; the merged node runs where its reader ran. What nobody needs any
 * more is left out. `kept` are tensors that the caller reads; `takesMask` tells whether the kernel
 * of a node can mask its output.
 */
export function fuse(
  nodes: readonly Node[],
  kept: ReadonlySet<Tensor>,
  takesMask: (node: Node) => boolean,
): Node[] {
  const readers = new Map<Tensor, number>();
  for (const { inputs } of nodes) {
    for (const tensor of inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const fused = new Set<Node>(); // in the order in which they run
  const makers = new Map<Tensor, Node>();
  for (const node of nodes) {
    let current = node;
    for (const tensor of node.inputs) {
      const maker = makers.get(tensor);
      if (maker?.outputs.length !== 1) continue;
      if (kept.has(tensor) || readers.get(tensor) !== 1) continue;
      const merged = merge(maker, node, takesMask);
      if (!merged) continue;
      fused.delete(maker);
      current = merged;
      break;
    }
    fused.add(current);
    for (const tensor of current.outputs) makers.set(tensor, current);
  }
  return needed([...fused], kept);
}

function merge(maker: Node, reader: Node, takesMask: (node: Node) => boolean): Node | undefined {
  const [mask, masked] = reader.inputs;
  const isMask = reader.op.isMask && masked === maker.outputs[0] && !maker.mask;
  if (isMask && takesMask(maker)) return { ...maker, outputs: reader.outputs, mask };
  return maker.mask ? undefined : maker.op.absorb?.(maker, reader);
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
