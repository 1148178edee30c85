// Recomputation: the backward pass computes some tensors of the forward pass again, shortly before it
// reads them, so that they need no memory in between (Chen et al. 2016, "Training deep nets with
// sublinear memory cost"). The same kernels read the same inputs, so the bits are the same.

import type { Node } from "./op.js";
import type { Tensor } from "./tensor.js";
import { nodesFor } from "./walk.js";

/**
 * The tensors `of` a backward pass, rebuilt so that it reads none of the `dropped` tensors of the
 * forward pass that leads to `output`, but the copies that it makes itself.
 */
export function recompute(
  output: Tensor,
  of: readonly Tensor[],
  dropped: ReadonlySet<Tensor>,
): Tensor[] {
  const forward = new Set(nodesFor([output]));
  const copies = new Map<Tensor, Tensor>();
  const rebuilt = new Map<Tensor, Tensor>();
  const place = (tensor: Tensor) => rebuilt.get(tensor) ?? tensor;

  /** The tensor made again once `after` is there; a tensor that is not dropped stands as it is. */
  const copyOf = (tensor: Tensor, after: readonly Tensor[]): Tensor => {
    const known = copies.get(tensor);
    if (known || !dropped.has(tensor) || !tensor.node) return known ?? tensor;
    const { node } = tensor;
    const inputs = node.inputs.map((input) => copyOf(input, after));
    const again = rebuild({ ...node, inputs, after, name: `${node.name} again` });
    for (const [i, original] of node.outputs.entries()) copies.set(original, again[i]);
    return copies.get(tensor) as Tensor;
  };

  for (const node of nodesFor([output, ...of])) {
    if (forward.has(node)) continue;
    // What the backward pass has made: with it the node is next, and not before.
    const made = node.inputs.filter((tensor) => tensor.node && !forward.has(tensor.node));
    const after = made.length > 0 ? made.map(place) : [output];
    const inputs = node.inputs.map((tensor) => copyOf(place(tensor), after));
    if (inputs.every((tensor, i) => tensor === node.inputs[i])) continue;
    const outputs = rebuild({ ...node, inputs });
    for (const [i, tensor] of node.outputs.entries()) rebuilt.set(tensor, outputs[i]);
  }
  return of.map(place);
}

/** The outputs of a node that is like the given one, with tensors of its own. */
function rebuild(like: Node): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const node: Node = { ...like, outputs };
  for (const [i, tensor] of like.outputs.entries()) {
    outputs.push({ ...tensor, name: i === 0 ? node.name : `${node.name}:${i}`, node });
  }
  return outputs;
}

/**
 * Which tensors of the forward pass to `output` are dropped: of two convolutions in a row the first,
 * so that no copy needs more than one convolution; and what lies between (pooling, concat,
 * up-convolution), which is cheap. A tensor that several nodes read, such as a skip, is kept.
 * `isCostly` says what a convolution is.
 */
export function everySecond(output: Tensor, isCostly: (node: Node) => boolean): Set<Tensor> {
  const nodes = nodesFor([output]);
  const readers = new Map<Tensor, number>();
  for (const { inputs } of nodes) {
    for (const tensor of inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const dropped = new Set<Tensor>();
  /** Whether to make the tensor again takes a convolution. */
  const isCostlyAgain = (tensor: Tensor): boolean =>
    dropped.has(tensor) &&
    (isCostly(tensor.node as Node) || (tensor.node as Node).inputs.some(isCostlyAgain));
  for (const node of nodes) {
    const [tensor] = node.outputs;
    if (node.outputs.length !== 1 || readers.get(tensor) !== 1 || tensor === output) continue;
    if (isCostly(node) && node.inputs.some(isCostlyAgain)) continue;
    dropped.add(tensor);
  }
  return dropped;
}
