// Transposes that undo each other: between an image, channels last, and a graph that has its channels first.

import type { StoredNode } from "./onnx-graph.js";

/** What a tensor is: another one with its axes in this order. */
interface Turned {
  readonly source: string;
  readonly order: readonly number[];
}

/** Returns the nodes that an output needs, with one transpose or none instead of several after each other. */
export function withoutTransposes(nodes: readonly StoredNode[], output: string): StoredNode[] {
  const turned = new Map<string, Turned>();
  const rewritten = nodes.map((node): StoredNode => {
    const [x] = node.inputs;
    const [y] = node.outputs;
    const before = turned.get(x);
    if (node.operator === "Identity" && before) turned.set(y, before);
    const { perm } = node.attributes;
    if (node.operator !== "Transpose" || !Array.isArray(perm)) return node;
    const places = perm as readonly number[];
    const order = before ? places.map((place) => before.order[place]) : places;
    const source = before?.source ?? x;
    turned.set(y, { source, order });
    const isSame = order.every((place, i) => place === i);
    if (isSame) return { ...node, operator: "Identity", inputs: [source], attributes: {} };
    return { ...node, inputs: [source], attributes: { perm: order } };
  });
  const makers = new Map(rewritten.flatMap((node) => node.outputs.map((name) => [name, node])));
  const needed = new Set<StoredNode>();
  const open = [output];
  while (open.length > 0) {
    const node = makers.get(open.pop() as string);
    if (!node || needed.has(node)) continue;
    needed.add(node);
    open.push(...node.inputs);
  }
  return rewritten.filter((node) => needed.has(node));
}
