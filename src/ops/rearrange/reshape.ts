// Shapes and memory layouts: the elements stay in row-major order.

import { kindOf } from "../../arguments/numbers.js";
import {
  elementCount,
  expectTensor,
  type Layout,
  type Shape,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import { axesOf } from "../common/axes.js";
import { rearrange } from "./rearrange.js";

/**
 * Returns the elements of x in row-major order in another shape. One size may be -1: what is left.
 * An image stays one if the shape has four sizes; otherwise the result is dense.
 */
export function reshape(x: Tensor, shape: Shape, name?: string): Tensor {
  expectTensor("reshape", "input", x);
  return reshaped("reshape", x, resolved(x, shape), x.layout, name);
}

/** Removes axes of size 1: those of `axes`, which may be negative, by default all. */
export function squeeze(x: Tensor, axes?: readonly number[], name?: string): Tensor {
  expectTensor("squeeze", "input", x);
  const all = x.shape.flatMap((size, axis) => (size === 1 ? axis : []));
  const removed = axes === undefined ? all : axesOf("squeeze", x, axes);
  for (const axis of removed) {
    if (x.shape[axis] === 1) continue;
    throw new ShapeError(
      `squeeze: axis ${axis} of ${text(x.shape)} has the size ${x.shape[axis]}, expected 1`,
    );
  }
  const kept = x.shape.filter((_, axis) => !removed.includes(axis));
  return reshaped("squeeze", x, kept.length > 0 ? kept : [1], x.layout, name);
}

/** Inserts axes of size 1 at these places of the result; -1 is its last axis. */
export function unsqueeze(x: Tensor, axes: readonly number[], name?: string): Tensor {
  expectTensor("unsqueeze", "input", x);
  if (!Array.isArray(axes)) {
    throw new ShapeError(`unsqueeze: axes must be a list of whole numbers, got ${kindOf(axes)}`);
  }
  const sizes = [...x.shape, ...axes.map(() => 1)];
  const inserted = axesOf("unsqueeze", { ...x, shape: sizes }, axes);
  const rest = [...x.shape];
  const shape = sizes.map((_, axis) => (inserted.includes(axis) ? 1 : (rest.shift() as number)));
  return reshaped("unsqueeze", x, shape, x.layout, name);
}

/** Converts a tensor [N,C,H,W] to the memory layout of images. */
export function toImage(x: Tensor, name?: string): Tensor {
  expectTensor("toImage", "input", x);
  if (x.shape.length !== 4) {
    throw new ShapeError(`toImage: expected [N,C,H,W], got ${text(x.shape)}: reshape it first`);
  }
  return reshaped("toImage", x, x.shape, "image", name);
}

/** Converts a tensor to the dense memory layout: row-major. */
export function toDense(x: Tensor, name?: string): Tensor {
  expectTensor("toDense", "input", x);
  return reshaped("toDense", x, x.shape, "dense", name);
}

function reshaped(words: string, x: Tensor, shape: Shape, wanted: Layout, name?: string): Tensor {
  const layout = shape.length === 4 ? wanted : "dense";
  // Finest digits for the receptive field: where the sizes of both agree, axes keep their digits.
  const sizes = commonSizes(x.shape, shape);
  return rearrange(x, { words, sizes, order: sizes.map((_, i) => i), shape, layout }, name);
}

/** Splits the elements at the borders of axes of both shapes, as far as the borders nest. */
function commonSizes(a: Shape, b: Shape): number[] {
  const count = elementCount(a);
  const borders = [a, b].flatMap((shape) =>
    shape.map((_, axis) => elementCount(shape.slice(axis + 1))),
  );
  const sizes: number[] = [];
  let above = count;
  for (const border of [...new Set(borders)].sort((p, q) => q - p)) {
    if (border === above || above % border !== 0) continue;
    sizes.push(above / border);
    above = border;
  }
  return sizes.length > 0 ? sizes : [1];
}

function resolved(x: Tensor, shape: Shape): Shape {
  const count = elementCount(x.shape);
  if (!Array.isArray(shape)) {
    throw new ShapeError(`reshape: the shape must be a list of sizes, got ${kindOf(shape)}`);
  }
  const open = shape.filter((size) => size === -1).length;
  const known = elementCount(shape.filter((size) => size !== -1));
  const isValid = shape.every((size) => size === -1 || (Number.isInteger(size) && size >= 1));
  if (!isValid || open > 1) {
    throw new ShapeError(
      `reshape: sizes must be whole numbers from 1, one of them may be -1, got ${text(shape)}`,
    );
  }
  if (open === 1 ? count % known === 0 : count === known) {
    return shape.map((size) => (size === -1 ? count / known : size));
  }
  throw new ShapeError(
    `reshape: ${text(x.shape)} has ${count} elements, which do not fill ${text(shape)}`,
  );
}
