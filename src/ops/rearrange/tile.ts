// Repeated tensors.

import { kindOf } from "../../arguments/numbers.js";
import { expectTensor, type Shape, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import { gather } from "./gather.js";
import { unsqueeze } from "./reshape.js";

/**
 * Repeats a tensor along its axes (NumPy's and ONNX's tile, PyTorch's repeat): axis i of the result
 * is `repeats[i]` times as long. Missing axes are added at the front.
 */
export function tile(x: Tensor, repeats: readonly number[], name?: string): Tensor {
  const long = ranked("tile", x, repeats);
  if (
    long.shape.length !== repeats.length ||
    !repeats.every((n) => Number.isInteger(n) && n >= 1)
  ) {
    throw new ShapeError(
      `tile: repeats must be a whole number from 1 for each axis of ${text(x.shape)}, got ${kindOf(repeats)}`,
    );
  }
  const maps = long.shape.map((size, axis) => ({
    count: size * repeats[axis],
    border: repeats[axis] > 1 ? ("wrap" as const) : undefined,
  }));
  return gather(long, { words: "tile", maps }, name);
}

/**
 * Broadcasts a tensor to a larger shape (PyTorch's and ONNX's expand): axes of size 1 are repeated,
 * missing ones are added at the front, and -1 keeps a size.
 */
export function expand(x: Tensor, shape: Shape, name?: string): Tensor {
  const long = ranked("expand", x, shape);
  const wanted = shape.map((size, axis) => (size === -1 ? long.shape[axis] : size));
  const fits = long.shape.every((size, axis) => size === wanted[axis] || size === 1);
  if (long.shape.length !== shape.length || !fits) {
    throw new ShapeError(
      `expand: ${text(x.shape)} does not broadcast to ${text(shape)}: its sizes must be 1 or those of the result`,
    );
  }
  const maps = long.shape.map((size, axis) => ({
    count: wanted[axis],
    border: size === wanted[axis] ? undefined : ("edge" as const),
  }));
  return gather(long, { words: "expand", maps }, name);
}

/** Returns x with axes of size 1 at its front, so that it has as many as the list. */
function ranked(op: string, x: Tensor, list: readonly number[]): Tensor {
  expectTensor(op, "input", x);
  if (!Array.isArray(list))
    throw new ShapeError(`${op}: expected a list of numbers, got ${kindOf(list)}`);
  const missing = list.length - x.shape.length;
  if (missing <= 0) return x;
  return unsqueeze(
    x,
    Array.from({ length: missing }, (_, axis) => axis),
  );
}
