import type { Dispatch } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { expectImage, ShapeError, scratchImage, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { perGroup } from "../common/per-group.js";
import { crop2dOp } from "./crop2d.js";

/**
 * Concatenates a skip connection: the centre of `skip` [N,CS,HS,WS], cropped to the size of `up`
 * [N,CU,H,W], then `up`, along the channels -> [N,CS+CU,H,W]. If the margin is odd, one more pixel
 * is cut at the bottom and at the right.
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
    return [{ shape: [n, skip.shape[1] + c, h, w], layout: "image" }];
  },
  gradient({ inputs: [skip, up], name }, [dy]) {
    if (!dy) return [];
    return [
      uncrop(dy, skip, `${name} gradient: skip`),
      uncrop(dy, up, `${name} gradient: up`, skip.shape[1]),
    ];
  },
  words: () => "crop and concatenate",
  receptiveField({ inputs: [skip, up] }, [first, last]) {
    const top = (skip.shape[2] - up.shape[2]) >> 1;
    return [
      [skip, [first + top, last + top]],
      [up, [first, last]],
    ];
  },
  kernels: [
    {
      name: "crop-concat",
      dispatches({ inputs: [skip, up], outputs: [y] }) {
        return [concatDispatch(skip, up, y)];
      },
    },
  ],
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
  return perGroup(shaders.cropConcat, y, {
    bindings: [skip, up, y],
    uniforms: {
      channels: to.c,
      height: to.h,
      width: to.w,
      blocks: to.blocks,
      skipChannels: from.c,
      skipHeight: from.h,
      skipBlocks: from.blocks,
      top: (from.h - to.h) >> 1,
      left: (from.w - to.w) >> 1,
    },
  });
}

/**
 * Returns the gradient of `tensor`, whose centre has been cropped: the channels of dy from `first`,
 * surrounded by zeros.
 */
export function uncrop(dy: Tensor, { shape }: Tensor, name: string, first = 0): Tensor {
  const top = -((shape[2] - dy.shape[2]) >> 1);
  const left = -((shape[3] - dy.shape[3]) >> 1);
  return apply(crop2dOp, [dy], { shape, first, top, left }, name)[0];
}
