// The receptive field: the input rows that an output pixel depends on, found by walking the graph
// backwards. It is the same for columns.

import type { Node, Rows } from "../graph/op.js";
import type { Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";

/**
 * Returns how far the output pixels in rows 0 .. period - 1 see, up and down from their own
 * position in the input: [-2, 2] for a 5x5 convolution. Rows past the image, where a network reads
 * its zero padding, count as rows. What depends on all pixels (`Op.seesWholeImage`) is left out, and what is computed of
 * weights only. Other inputs of the network that are images are seen as the image is.
 */
export function seenRows(image: Tensor, output: Tensor, period: number): Rows[] {
  const images = new Set([image]);
  for (const { inputs } of nodesFor([output])) {
    for (const tensor of inputs) {
      if (tensor.source?.kind === "input" && tensor.layout === "image") images.add(tensor);
    }
  }
  const seeing = new Set(images);
  const forwards = nodesFor([output]).filter(({ inputs, outputs }) => {
    if (!inputs.some((tensor) => seeing.has(tensor))) return false;
    for (const tensor of outputs) seeing.add(tensor);
    return true;
  });
  const nodes = forwards.reverse();
  const margin = (image.shape[2] - output.shape[2]) / 2;
  return Array.from({ length: period }, (_, row) => {
    const spans = new Map<Tensor, Rows>([[output, [row, row]]]);
    for (const node of nodes) {
      const span = spans.get(node.outputs[0]);
      if (!span) continue;
      for (const [tensor, needed] of neededBy(node, span)) {
        const [first, last] = spans.get(tensor) ?? needed;
        spans.set(tensor, [Math.min(first, needed[0]), Math.max(last, needed[1])]);
      }
    }
    const seen = [...images].flatMap((tensor) => [spans.get(tensor) ?? []].flat());
    return [Math.min(...seen) - row - margin, Math.max(...seen) - row - margin];
  });
}

/**
 * Returns the rows of the inputs that rows of a node's output need. Throws if its op does not
 * define this.
 */
function neededBy(node: Node, rows: Rows): readonly (readonly [Tensor, Rows])[] {
  const { op, name } = node;
  if (op.seesWholeImage?.(node)) return [];
  if (op.receptiveField) return op.receptiveField(node, rows);
  throw new Error(
    `${name}: the receptive field of ${op.name} is unknown: the op needs a receptiveField`,
  );
}
