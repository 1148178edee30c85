// What an output pixel sees: the rows of the input that it depends on, found by walking the graph
// backwards. Rows and columns are alike.

import type { Node, Tensor } from "../graph/tensor.js";
import { nodesFor } from "../graph/walk.js";
import { type ConvolutionAttributes, convolutionInputs } from "../ops/conv2d/conv2d-attributes.js";
import type { CropAttributes } from "../ops/crop/crop2d.js";

/** First and last row. */
type Span = readonly [first: number, last: number];

/**
 * How far the output pixels at the rows 0 .. period - 1 see, up and down from their own place in the
 * input: [-2, 2] for a 5x5 convolution. Rows past the image, where a network reads its own zeros,
 * count as rows.
 */
export function seenRows(image: Tensor, output: Tensor, period: number): Span[] {
  const nodes = nodesFor([output]).reverse();
  const margin = (image.shape[2] - output.shape[2]) / 2;
  return Array.from({ length: period }, (_, row) => {
    const spans = new Map<Tensor, Span>([[output, [row, row]]]);
    for (const node of nodes) {
      const span = spans.get(node.outputs[0]);
      if (!span) continue;
      for (const [tensor, needed] of neededBy(node, span)) {
        const [first, last] = spans.get(tensor) ?? needed;
        spans.set(tensor, [Math.min(first, needed[0]), Math.max(last, needed[1])]);
      }
    }
    const [first, last] = spans.get(image) as Span;
    return [first - row - margin, last - row - margin];
  });
}

/** The rows of its inputs that a span of a node's output needs. */
function neededBy(node: Node, [first, last]: Span): [Tensor, Span][] {
  const [x] = node.inputs;
  switch (node.op.name) {
    case "conv2d": {
      const { weight, skip } = convolutionInputs(node as Node<ConvolutionAttributes>);
      const { border } = node.attributes as ConvolutionAttributes;
      const span: Span = [first - border, last - border + weight.shape[2] - 1];
      if (!skip) return [[x, span]];
      const top = (skip.shape[2] - x.shape[2]) >> 1;
      return [
        [x, span],
        [skip, [span[0] + top, span[1] + top]],
      ];
    }
    case "max-pool2d":
      return [[x, [2 * first, 2 * last + 1]]];
    case "up-conv2d":
      return [[x, [Math.floor(first / 2), Math.floor(last / 2)]]];
    case "up-conv2d-strided": {
      const { stride, padding } = node.attributes as { stride: number; padding: number };
      const kernel = node.inputs[1].shape[2];
      const above = Math.ceil((first + padding - kernel + 1) / stride);
      return [[x, [above, Math.floor((last + padding) / stride)]]];
    }
    case "crop2d": {
      const { top } = node.attributes as CropAttributes;
      return [[x, [first + top, last + top]]];
    }
    case "add":
    case "relu":
      return node.inputs.map((tensor) => [tensor, [first, last]]);
    default:
      throw new Error(`${node.name}: what an output of ${node.op.name} sees is not known`);
  }
}
