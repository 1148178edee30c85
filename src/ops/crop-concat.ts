import type { Dispatch } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import {
  apply,
  expectImage,
  type Op,
  ShapeError,
  scratchImage,
  type Tensor,
  text,
} from "../graph/tensor.js";
import { perGroup } from "./elementwise.js";

/**
 * The skip connection: the centre of `skip` [N,CS,HS,WS], cropped to the size of `up` [N,CU,H,W],
 * then `up`, along the channels -> [N,CS+CU,H,W]. An odd margin leaves one pixel more at the bottom
 * and at the right.
 */
export function cropConcat(skip: Tensor, up: Tensor, name?: string): Tensor {
  return apply(cropConcatOp, [skip, up], undefined, name)[0];
}

export const cropConcatOp: Op<undefined> = {
  name: "crop-concat",
  outputs([skip, up]) {
    expectImage("crop-concat", "up", up);
    expectSkip("crop-concat", skip, "up", up);
    const [n, c, h, w] = up.shape;
    return [{ shape: [n, skip.shape[1] + c, h, w], order: "image" }];
  },
  gradient({ inputs: [skip, up], name }, [dy]) {
    if (!dy) return [];
    const gradient = (of: Tensor, first: number, what: string) =>
      apply(cropConcatGradientOp, [dy], { of: of.shape, first }, `${name} gradient: ${what}`)[0];
    return [gradient(skip, 0, "skip"), gradient(up, skip.shape[1], "up")];
  },
  dispatches({ inputs: [skip, up], outputs: [y] }) {
    return [concatDispatch(skip, up, y)];
  },
};

/** Throws unless the centre of `skip` can be cropped to the size of `up`. */
export function expectSkip(op: string, skip: Tensor, what: string, up: Tensor): void {
  expectImage(op, "skip", skip);
  const [n, , h, w] = up.shape;
  const [skipN, , skipH, skipW] = skip.shape;
  if (skipN === n && skipH >= h && skipW >= w) return;
  throw new ShapeError(
    `${op}: skip ${text(skip.shape)} must have the batch of ${what} ${text(up.shape)} and be at least as large`,
  );
}

/** Working memory for the concatenation of the centre of `skip` with `up`. */
export function concatScratch(skip: Tensor, up: Tensor, name: string): Tensor {
  const [n, c, h, w] = up.shape;
  return scratchImage(`${name}: skip and input`, [n, skip.shape[1] + c, h, w]);
}

export function concatDispatch(skip: Tensor, up: Tensor, y: Tensor): Dispatch {
  const from = imageSizes(skip);
  const to = imageSizes(y);
  return perGroup("crop-concat", y, [skip, up, y], {
    channels: to.c,
    height: to.h,
    width: to.w,
    blocks: to.blocks,
    skipChannels: from.c,
    skipHeight: from.h,
    skipBlocks: from.blocks,
    top: (from.h - to.h) >> 1,
    left: (from.w - to.w) >> 1,
  });
}

/** The gradient of the centre of `skip`, amid zeros: a gradient of all of it. */
export function uncrop(dy: Tensor, skip: Tensor, name: string): Tensor {
  return apply(cropConcatGradientOp, [dy], { of: skip.shape, first: 0 }, name)[0];
}

/** What `tensor` holds amid zeros, if a gradient of a crop made it: channels from `first` of dy. */
export function cropped(tensor: Tensor): { dy: Tensor; first: number } | undefined {
  const { node } = tensor;
  if (node?.op !== (cropConcatGradientOp as Op)) return undefined;
  return { dy: node.inputs[0], first: (node.attributes as GradientAttributes).first };
}

interface GradientAttributes {
  /** Shape of the input whose gradient this is. */
  readonly of: readonly number[];
  /** Its first channel in dy. */
  readonly first: number;
}

/** Input dy; output the gradient of one input, 0 where the crop cut. */
export const cropConcatGradientOp: Op<GradientAttributes> = {
  name: "crop-concat-gradient",
  outputs(_inputs, { of }) {
    return [{ shape: of, order: "image" }];
  },
  dispatches({ inputs: [dy], outputs: [dx], attributes }) {
    const from = imageSizes(dy);
    const to = imageSizes(dx);
    return [
      perGroup("crop-concat-gradient", dx, [dy, dx], {
        channels: to.c,
        height: to.h,
        width: to.w,
        blocks: to.blocks,
        first: attributes.first,
        gradientChannels: from.c,
        gradientHeight: from.h,
        gradientWidth: from.w,
        gradientBlocks: from.blocks,
        top: (to.h - from.h) >> 1,
        left: (to.w - from.w) >> 1,
      }),
    ];
  },
};
