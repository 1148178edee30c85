// The layers of a plan for which there is a choice of kernels, each as a small separate graph.

import type { Capabilities } from "../graph/capabilities.js";
import { halfKey, kernelsOf, layerKey } from "../graph/choose-kernel.js";
import { fuse } from "../graph/fuse.js";
import { apply, type Kernel, type Node } from "../graph/op.js";
import { input, type Tensor } from "../graph/tensor.js";
import type { PlanSpec } from "./plan-spec.js";
import { nodesOf } from "./planned-dispatches.js";

/** Nodes with the same key, for which one choice is made. */
export interface TunableGroup {
  readonly key: string;
  /** The first of the nodes. */
  readonly node: Node;
  readonly count: number;
  /** The kernels that can compute it, the default first. */
  readonly offered: readonly Kernel[];
  readonly multiplyAdds: number;
  /** The node that masks its output, which a kernel may be able to do while it writes. */
  readonly maskNode: Node | undefined;
}

/**
 * Returns the distinct layers of a plan with more than one kernel, those with the most
 * multiply-adds first.
 */
export function tunableGroups(spec: PlanSpec, capabilities: Capabilities): TunableGroup[] {
  const { nodes: plain, kept } = nodesOf(spec);
  const maskOf = new Map(
    plain.filter(({ op }) => op.isReluMask).map((node) => [node.outputs[0], node]),
  );
  const layers = new Map<string, TunableGroup>();
  // Fuse the mask if any kernel can apply it, so that the layer has the key of the fused node.
  const fusesReluMask = (node: Node) =>
    kernelsOf(node, capabilities).some(({ fusesReluMask }) => fusesReluMask);
  for (const node of fuse(plain, kept, { fusesReluMask })) {
    const offered = kernelsOf(node, capabilities);
    if (offered.length < 2) continue;
    const key = keyAmong(node, offered);
    const known = layers.get(key);
    const maskNode = node.mask && maskOf.get(node.outputs[0]);
    const multiplyAdds = known?.multiplyAdds ?? multiplyAddsOf(node, capabilities, offered[0]);
    const count = (known?.count ?? 0) + 1;
    layers.set(key, { key, node: known?.node ?? node, count, offered, multiplyAdds, maskNode });
  }
  return [...layers.values()].sort((a, b) => b.multiplyAdds - a.multiplyAdds);
}

/** The key of a layer with these kernels. */
export function keyAmong(node: Node, offered: readonly Kernel[]): string {
  const key = layerKey(node);
  return offered.some(({ hasHalfFactors }) => hasHalfFactors) ? halfKey(key) : key;
}

function multiplyAddsOf(node: Node, capabilities: Capabilities, kernel: Kernel): number {
  const dispatches = kernel.dispatches(node, capabilities);
  return dispatches.reduce((sum, { multiplyAdds = 0 }) => sum + multiplyAdds, 0);
}

/**
 * Builds a graph of the layer with new inputs, including its mask: a kernel that cannot fuse the
 * mask then also takes the time of the separate pass.
 */
export function groupGraph({ node, maskNode }: TunableGroup): {
  inputs: Tensor[];
  outputs: Tensor[];
} {
  const inputs = node.inputs.map(({ shape, layout }, i) => input(`input ${i}`, shape, layout));
  const outputs = apply(node.op, inputs, node.attributes, node.name);
  if (!maskNode) return { inputs, outputs: [...outputs] };
  const { shape, layout } = maskNode.inputs[0];
  const mask = input("mask", shape, layout);
  const masked = apply(maskNode.op, [mask, outputs[0]], maskNode.attributes, maskNode.name);
  return { inputs: [...inputs, mask], outputs: [...masked] };
}
