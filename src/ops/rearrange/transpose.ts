// Axes in another order.

import { expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { axesOf, axisOf } from "../common/axes.js";
import { rearrange } from "./rearrange.js";

/**
 * Permutes the axes: axis i of the result is axis `order[i]` of x (PyTorch's permute, ONNX's and
 * NumPy's transpose). An image stays an image.
 */
export function permute(x: Tensor, order: readonly number[], name?: string): Tensor {
  expectTensor("permute", "input", x);
  return permuted("permute", x, axesOf("permute", x, order), name);
}

/** Swaps two axes, which may be negative; by default the last two. */
export function transpose(x: Tensor, a = -2, b = -1, name?: string): Tensor {
  expectTensor("transpose", "input", x);
  const [first, second] = [axisOf("transpose", x, a), axisOf("transpose", x, b)];
  const order = x.shape.map((_, axis) =>
    axis === first ? second : axis === second ? first : axis,
  );
  return permuted("transpose", x, order, name);
}

function permuted(words: string, x: Tensor, order: readonly number[], name?: string): Tensor {
  if (order.length !== x.shape.length) {
    throw new ShapeError(
      `${words}: the order must have each axis of ${text(x.shape)} once, got [${order}]`,
    );
  }
  const shape = order.map((axis) => x.shape[axis]);
  return rearrange(x, { words, sizes: x.shape, order, shape, layout: x.layout }, name);
}
