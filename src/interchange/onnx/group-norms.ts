// Group norms as programs write them for operators before version 18: groups as channels of a signal, an instance norm
// of these, and the image's shape again. As one node it is known that what follows has the image's places.

import type { OnnxNode, OnnxTensor } from "../../formats/onnx/onnx-types.js";

/** Returns the nodes with a node GroupNormalization, without gain and bias, for each such group of three. */
export function withGroupNorms(
  nodes: readonly OnnxNode[],
  tensors: readonly OnnxTensor[],
): readonly OnnxNode[] {
  const norms = nodes.filter(({ operator }) => operator === "InstanceNormalization");
  if (norms.length === 0) return nodes;
  const known = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const makers = new Map(
    nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)),
  );
  const readers = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) {
      const others = readers.get(name);
      if (others) others.push(node);
      else readers.set(name, [node]);
    }
  }
  const isAll = (name: string, value: number) =>
    known.get(name)?.data.every((one) => one === value);
  const replaced = new Map<OnnxNode, OnnxNode>();
  for (const norm of norms) {
    const [flat, gain, bias] = norm.inputs;
    const before = makers.get(flat);
    const after = readers.get(norm.outputs[0]) ?? [];
    const sizes = known.get(before?.inputs[1] ?? "")?.data;
    const isOne = after.length === 1 && after[0].operator === "Reshape";
    if (before?.operator !== "Reshape" || sizes?.length !== 3 || !isOne) continue;
    if (!(isAll(gain, 1) && isAll(bias, 0))) continue;
    const { epsilon = 1e-5 } = norm.attributes;
    replaced.set(after[0], {
      ...norm,
      operator: "GroupNormalization",
      inputs: [before.inputs[0]],
      outputs: after[0].outputs,
      attributes: { epsilon, num_groups: sizes[1] },
    });
  }
  return nodes.map((node) => replaced.get(node) ?? node);
}
