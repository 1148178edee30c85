// Recomputation (gradient checkpointing): the backward pass computes some tensors of the forward
// pass again, shortly before it reads them, so that they need no memory in between (Chen et al.
// 2016, "Training deep nets with sublinear memory cost"). The same kernels read the same inputs, so
// the bits are the same.

import type { Node } from "./op.js";
import type { Tensor } from "./tensor.js";
import { nodesFor } from "./walk.js";

/**
 * Rebuilds the tensors `of` a backward pass so that it reads none of the `dropped` tensors of the
 * forward pass to `output`, except the copies that it computes itself.
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

  /**
   * Returns the tensor, recomputed once `after` is available, or the tensor itself if it is not
   * dropped.
   */
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
    // Inputs that the backward pass computed: once they exist the node runs next, and not earlier.
    const made = node.inputs.filter((tensor) => tensor.node && !forward.has(tensor.node));
    const after = made.length > 0 ? made.map(place) : [output];
    const inputs = node.inputs.map((tensor) => copyOf(place(tensor), after));
    if (inputs.every((tensor, i) => tensor === node.inputs[i])) continue;
    const outputs = rebuild({ ...node, inputs });
    for (const [i, tensor] of node.outputs.entries()) rebuilt.set(tensor, outputs[i]);
  }
  return of.map(place);
}

/** Returns the outputs of a new node like the given one. */
function rebuild(like: Node): readonly Tensor[] {
  const outputs: Tensor[] = [];
  const node: Node = { ...like, outputs };
  for (const [i, tensor] of like.outputs.entries()) {
    outputs.push({ ...tensor, name: i === 0 ? node.name : `${node.name}:${i}`, node });
  }
  return outputs;
}

/**
 * Returns the tensors of the forward pass to `output` to drop: the first of two convolutions in a
 * row, so that each copy needs at most one convolution, and the cheap tensors in between (pooling,
 * concat, up-convolution). A tensor with several readers, such as a skip, is kept. `isCostly` says
 * whether a node is a convolution.
 */
export function everySecond(output: Tensor, isCostly: (node: Node) => boolean): Set<Tensor> {
  const nodes = nodesFor([output]);
  const readers = new Map<Tensor, number>();
  for (const { inputs } of nodes) {
    for (const tensor of inputs) readers.set(tensor, (readers.get(tensor) ?? 0) + 1);
  }
  const dropped = new Set<Tensor>();
  /** Whether recomputing the tensor requires a convolution. */
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
