// The activation that ends a graph, which predictions apply by themselves.

import type { OnnxModel, OnnxNode } from "../../formats/onnx/onnx-types.js";

/** What becomes of the maps: probabilities that sum to 1, or one for each class on its own. */
export type OnnxActivation = "softmax" | "sigmoid";

/** Operators after an activation that only move elements. */
const MOVES = ["Identity", "Transpose", "Cast"];

/** The nodes without the activation that ends them, if it is one that predictions apply by themselves. */
export function withoutEnd({ nodes, opset }: OnnxModel, output: string, axes: string) {
  const by = (name: string) => nodes.find(({ outputs }) => outputs.includes(name));
  const moves: OnnxNode[] = [];
  let node = by(output);
  let place = axes.indexOf("c");
  while (node && MOVES.includes(node.operator) && moves.length < 8) {
    const { perm } = node.attributes;
    if (node.operator === "Transpose") {
      place = Array.isArray(perm) ? (perm[place] as number) : axes.length - 1 - place;
    }
    moves.unshift(node);
    node = by(node.inputs[0]);
  }
  const { operator, inputs: [before] = [], attributes } = node ?? {};
  const own = Number(attributes?.axis ?? (opset < 13 ? 1 : -1));
  const axis = own < 0 ? own + axes.length : own;
  // Before version 13 a softmax was over all axes from its own on.
  const isOverChannels = axis === place && (opset >= 13 || axis === axes.length - 1);
  const isSoftmax = operator === "Softmax" && isOverChannels;
  if (!before || !(operator === "Sigmoid" || isSoftmax)) {
    return { nodes, end: output, activation: undefined };
  }
  let end = before;
  const again = moves.map((move, i) => {
    const [name] = move.outputs;
    const moved = { ...move, inputs: [end], outputs: [`${name}, before the activation ${i}`] };
    [end] = moved.outputs;
    return moved;
  });
  const activation: OnnxActivation = isSoftmax ? "softmax" : "sigmoid";
  return { nodes: [...nodes, ...again], end, activation };
}
