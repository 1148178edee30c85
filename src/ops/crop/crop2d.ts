// Crops a rectangle of an image. If the rectangle extends past the image, the rest is zero, so that
// the gradient of a crop is the same op.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import {
  expectImage,
  expectTensor,
  type Shape,
  ShapeError,
  type Tensor,
  text,
} from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";

/** A rectangle in pixels; `top` and `left` may be below 0. */
export interface Area {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

const AREA: Keys<Area> = { top: 1, left: 1, height: 1, width: 1 };

/** Returns the rectangle of x [N,C,H,W], with zeros outside x -> [N,C,height,width]. */
export function crop2d(x: Tensor, area: Area, name?: string): Tensor {
  checkKeys("crop2d", area, AREA);
  const { top, left, height, width } = area;
  expectTensor("crop2d", "input", x);
  expectImage("crop2d", "input", x);
  const [n, c] = x.shape;
  return apply(crop2dOp, [x], { shape: [n, c, height, width], first: 0, top, left }, name)[0];
}

/** Pads x [N,C,H,W] with `border` rows and columns of zeros -> [N,C,H+2*border,W+2*border]. */
export function pad2d(x: Tensor, border: number, name?: string): Tensor {
  const [, , h, w] = x.shape;
  const [height, width] = [h + 2 * border, w + 2 * border];
  return crop2d(x, { top: -border, left: -border, height, width }, name);
}

export interface CropAttributes {
  /** The shape of the output; its channels are those of x from `first`. */
  readonly shape: Shape;
  readonly first: number;
  readonly top: number;
  readonly left: number;
}

export const crop2dOp: Op<CropAttributes> = {
  name: "crop2d",
  outputs([x], { shape, first, top, left }) {
    const numbers = [...shape, top, left];
    if (!numbers.every(Number.isSafeInteger) || shape.some((size) => size < 1)) {
      throw new ShapeError(
        `crop2d: a rectangle must be whole pixels with sides of at least 1, got ${shape[2]} x ${shape[3]} ` +
          `from row ${top} and column ${left} of ${text(x.shape)}`,
      );
    }
    if (first + shape[1] > x.shape[1]) {
      throw new ShapeError(
        `crop2d: ${shape[1]} channels from channel ${first} are more than ${text(x.shape)} has`,
      );
    }
    return [{ shape, layout: "image" }];
  },
  gradient({ inputs: [x], attributes: { shape, top, left }, name }, [dy]) {
    if (!dy) return [];
    if (shape[1] !== x.shape[1]) {
      throw new ShapeError(`${name}: second derivatives are not supported`);
    }
    const back = { shape: x.shape, first: 0, top: -top, left: -left };
    return apply(crop2dOp, [dy], back, `${name} gradient`);
  },
  receptiveField: ({ inputs: [x], attributes: { top } }, [first, last]) => [
    [x, [first + top, last + top]],
  ],
  words: () => "crop or padding",
  kernels: [
    {
      name: "crop2d",
      dispatches({ inputs: [x], outputs: [y], attributes: { first, top, left } }) {
        const from = imageSizes(x);
        const to = imageSizes(y);
        return [
          perGroup(shaders.crop2d, y, {
            bindings: [x, y],
            uniforms: {
              channels: to.c,
              height: to.h,
              width: to.w,
              blocks: to.blocks,
              first,
              inChannels: from.c,
              inHeight: from.h,
              inWidth: from.w,
              inBlocks: from.blocks,
              top,
              left,
            },
          }),
        ];
      },
    },
  ],
};

/** Returns the crop that computes a tensor; undefined if another op does. */
export function cropOf(tensor: Tensor): (CropAttributes & { readonly x: Tensor }) | undefined {
  const { node } = tensor;
  if (node?.op !== crop2dOp) return undefined;
  return { ...(node.attributes as CropAttributes), x: node.inputs[0] };
}
