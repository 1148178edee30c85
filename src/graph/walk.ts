// The order in which nodes run.

import type { Node } from "./op.js";
import type { Tensor } from "./tensor.js";

/**
 * Returns every node that `targets` depend on, each after the nodes of its inputs. The order
 * depends only on the graph: depth first, through the tensors of `Node.after` and then through the
 * inputs from left to right. Then a node that no other node reads (the gradient of a weight) is
 * moved right after its last input, so that the memory of that input is free again early.
 */
export function nodesFor(targets: readonly Tensor[]): Node[] {
  const nodes = depthFirst(targets);
  const read = new Set<Node>();
  for (const node of nodes) for (const { node: from } of node.inputs) if (from) read.add(from);
  const leavesBehind = new Map<Node, Node[]>();
  const order: Node[] = [];
  const position = new Map(nodes.map((node, i) => [node, i]));
  for (const leaf of nodes) {
    if (read.has(leaf)) continue;
    const froms = [...(leaf.after ?? []), ...leaf.inputs].flatMap(({ node }) => node ?? []);
    if (froms.length === 0) continue;
    const last = froms.reduce((a, b) =>
      (position.get(b) as number) > (position.get(a) as number) ? b : a,
    );
    const leaves = leavesBehind.get(last);
    if (leaves) leaves.push(leaf);
    else leavesBehind.set(last, [leaf]);
  }
  const moved = new Set([...leavesBehind.values()].flat());
  for (const node of nodes) {
    if (moved.has(node)) continue;
    order.push(node, ...(leavesBehind.get(node) ?? []));
  }
  return order;
}

function depthFirst(targets: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack: a deep network must not overflow the call stack.
  const stack: { node: Node; next: number }[] = [];
  const enter = ({ node }: Tensor) => {
    if (!node || seen.has(node)) return;
    seen.add(node);
    stack.push({ node, next: 0 });
  };
  for (const target of targets) {
    enter(target);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const { inputs, after = [] } = top.node;
      if (top.next < after.length + inputs.length) {
        const next = top.next++;
        enter(next < after.length ? after[next] : inputs[next - after.length]);
      } else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}
