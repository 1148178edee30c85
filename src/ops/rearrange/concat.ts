// Concatenation of any number of tensors, a dispatch per part.

import { kindOf } from "../../arguments/numbers.js";
import { type Dispatch, dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { BLOCK, imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { elementCount, expectTensor, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/general.generated.js";
import { axisOf } from "../common/axes.js";
import { ELEMENTWISE_LANES } from "../common/per-group.js";
import { cropConcat } from "../crop/crop-concat.js";
import { gather } from "./gather.js";
import { toDense, unsqueeze } from "./reshape.js";

/**
 * Concatenates tensors along an axis, by default the channels of images. Their other sizes must be
 * equal. The result is an image if any of them is.
 */
export function concat(parts: readonly Tensor[], axis = 1, name?: string): Tensor {
  const first = firstOf("concat", parts);
  const along = axisOf("concat", first, axis);
  if (parts.length === 1) return first;
  const [a, b] = parts;
  const isSkip =
    along === 1 && parts.length === 2 && parts.every(({ layout }) => layout === "image");
  if (isSkip && [0, 2, 3].every((other) => a.shape[other] === b.shape[other])) {
    return cropConcat(a, b, name); // the same in one pass
  }
  return apply(concatOp, parts, { axis: along }, name)[0];
}

/** Joins tensors of one shape along a new axis of the result, by default the first one. */
export function stack(parts: readonly Tensor[], axis = 0, name?: string): Tensor {
  firstOf("stack", parts);
  const [{ shape }] = parts;
  const other = parts.find((part) => `${part.shape}` !== `${shape}`);
  if (other) {
    throw new ShapeError(
      `stack: parts must have one shape, got ${text(shape)} and ${text(other.shape)}`,
    );
  }
  const wide = parts.map((part) => unsqueeze(part, [axis]));
  return concat(wide, axis, name ?? "stack");
}

function firstOf(op: string, parts: readonly Tensor[]): Tensor {
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new ShapeError(`${op}: expected a list of at least one tensor, got ${kindOf(parts)}`);
  }
  for (const [i, part] of parts.entries()) expectTensor(op, `part ${i}`, part);
  return parts[0];
}

interface Attributes {
  readonly axis: number;
}

export const concatOp: Op<Attributes> = {
  name: "concat",
  outputs(parts, { axis }) {
    const [{ shape }] = parts;
    for (const part of parts) {
      const isSame = part.shape.length === shape.length;
      if (isSame && shape.every((size, other) => other === axis || size === part.shape[other]))
        continue;
      throw new ShapeError(
        `concat: parts must have equal sizes except on axis ${axis}, got ${text(shape)} and ${text(part.shape)}`,
      );
    }
    const along = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    const isImage = parts.some(({ layout }) => layout === "image");
    const sizes = shape.map((size, other) => (other === axis ? along : size));
    return [{ shape: sizes, layout: isImage ? "image" : "dense" }];
  },
  gradient({ inputs: parts, attributes: { axis }, name }, [dy]) {
    if (!dy) return [];
    return parts.map((part, i) => {
      const { offset } = placeOf(parts, i, axis);
      const maps = part.shape.map((count, other) =>
        other === axis ? { count, offset } : { count },
      );
      const cut = gather(dy, { words: "concat gradient", maps }, `${name} gradient: ${i}`);
      return part.layout === dy.layout ? cut : toDense(cut);
    });
  },
  receptiveField({ name, inputs: parts, attributes: { axis } }, rows) {
    if (axis < 2) return parts.map((part) => [part, rows] as const);
    throw new Error(
      `${name}: where images are joined at their borders, a pixel has no place in each of them`,
    );
  },
  words: () => "concatenate",
  kernels: [
    {
      name: "concat",
      dispatches({ inputs: parts, outputs: [y], attributes: { axis } }) {
        return parts.map((part, i) => {
          const { offset } = placeOf(parts, i, axis);
          return y.layout === "image"
            ? inImage(part, y, axis, offset)
            : inDense(part, y, axis, offset);
        });
      },
    },
  ],
};

function placeOf(parts: readonly Tensor[], i: number, axis: number): { readonly offset: number } {
  return { offset: parts.slice(0, i).reduce((sum, part) => sum + part.shape[axis], 0) };
}

function inImage(part: Tensor, y: Tensor, axis: number, offset: number): Dispatch {
  const from = imageSizes(part);
  const to = imageSizes(y);
  const [first0, first1, first2, first3] = [0, 1, 2, 3].map((other) =>
    other === axis ? offset : 0,
  );
  const firstBlock = Math.floor(first3 / BLOCK);
  const partBlocks = Math.ceil((first3 + from.w) / BLOCK) - firstBlock;
  const groups = from.n * from.h * partBlocks * from.c * (BLOCK / 4);
  return dispatch(shaders.concat, {
    bindings: [part, y],
    uniforms: {
      groups,
      isImage: Number(part.layout === "image"),
      size1: from.c,
      size2: from.h,
      size3: from.w,
      inBlocks: from.blocks,
      channels: to.c,
      height: to.h,
      blocks: to.blocks,
      first0,
      first1,
      first2,
      first3,
      firstBlock,
      partBlocks,
    },
    workgroups: workgroupsFor(groups, ELEMENTWISE_LANES),
  });
}

function inDense(part: Tensor, y: Tensor, axis: number, offset: number): Dispatch {
  const count = elementCount(part.shape);
  const inner = elementCount(y.shape.slice(axis + 1));
  return dispatch(shaders.concatDense, {
    bindings: [part, y],
    uniforms: {
      count,
      run: part.shape[axis] * inner,
      outRun: y.shape[axis] * inner,
      first: offset * inner,
    },
    workgroups: workgroupsFor(count, ELEMENTWISE_LANES),
  });
}
