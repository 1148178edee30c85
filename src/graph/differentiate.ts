// Reverse-mode differentiation: walks the graph backwards and adds the nodes of the gradients.

import type { Node } from "./op.js";
import { expectTensor, ShapeError, sameShape, type Tensor, text } from "./tensor.js";
import { nodesFor } from "./walk.js";

/**
 * Returns the gradients of sum(seed * output) with respect to each tensor of `of`: tensors of the
 * same shapes, or undefined if `output` does not depend on one. Gradients of several paths to the
 * same tensor are added by `add`, in the order of the paths.
 */
export function differentiate(
  output: Tensor,
  of: readonly Tensor[],
  seed: Tensor,
  add: (a: Tensor, b: Tensor) => Tensor,
): (Tensor | undefined)[] {
  if (!sameShape(output, seed)) {
    throw new ShapeError(
      `gradients: the seed is ${seed.layout} ${text(seed.shape)}, ` +
        `but ${output.name} is ${output.layout} ${text(output.shape)}`,
    );
  }
  for (const [i, tensor] of of.entries()) expectTensor("gradients", `tensor ${i}`, tensor);
  const nodes = nodesFor([output]);
  refuseDoubles(output, nodes, of);
  const needed = nodesBetween(nodes, of);
  const wanted = new Set(of);
  const gradients = new Map<Tensor, Tensor>([[output, seed]]);
  for (const node of nodes.reverse()) {
    if (!needed.has(node)) continue;
    const outputGradients = node.outputs.map((tensor) => gradients.get(tensor));
    if (outputGradients.every((gradient) => gradient === undefined)) continue;
    if (!node.op.gradient) {
      throw new ShapeError(`gradients: ${node.op.name} (node ${node.name}) has no gradient`);
    }
    const inputGradients = node.op.gradient(node, outputGradients);
    for (const [i, gradient] of inputGradients.entries()) {
      const tensor = node.inputs[i];
      if (!gradient || !(wanted.has(tensor) || (tensor.node && needed.has(tensor.node)))) continue;
      const earlier = gradients.get(tensor);
      gradients.set(tensor, earlier ? add(earlier, gradient) : gradient);
    }
  }
  return of.map((tensor) => gradients.get(tensor));
}

/**
 * Throws if the graph lacks a tensor of `of` but has another with the same name and shape. Tensors
 * are compared by identity, so the gradient would silently be undefined.
 */
function refuseDoubles(output: Tensor, nodes: readonly Node[], of: readonly Tensor[]): void {
  const held = new Set(nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]));
  for (const tensor of of) {
    if (tensor === output || held.has(tensor)) continue;
    const double = [...held].find((other) => looksLike(tensor, other));
    if (!double) continue;
    throw new ShapeError(
      `gradients: ${output.name} depends on another tensor ${tensor.name} ${text(tensor.shape)}, which ` +
        "only looks the same as the given one: create it once and pass that one to both",
    );
  }
}

function looksLike(a: Tensor, b: Tensor): boolean {
  if (a.name !== b.name || !sameShape(a, b)) return false;
  if (a.node?.op !== b.node?.op || a.source?.kind !== b.source?.kind) return false;
  if (a.source?.kind !== "state" || b.source?.kind !== "state") return true;
  return a.source.state === b.source.state && a.source.offset === b.source.offset;
}

/** Returns the nodes on a path from a tensor of `from`; the others need no gradients. */
function nodesBetween(nodes: readonly Node[], from: readonly Tensor[]): Set<Node> {
  const sources = new Set(from);
  const needed = new Set<Node>();
  for (const node of nodes) {
    if (node.inputs.some((x) => sources.has(x) || (x.node && needed.has(x.node)))) {
      needed.add(node);
    }
  }
  return needed;
}
