import { imageSizes } from "../graph/order.js";
import { apply, expectImage, type Op, ShapeError, type Tensor, text } from "../graph/tensor.js";
import { perGroup } from "./elementwise.js";

/** 2x2 max-pooling with stride 2: x [N,C,H,W] -> [N,C,floor(H/2),floor(W/2)]. */
export function maxPool2d(x: Tensor, name?: string): Tensor {
  return apply(maxPool2dOp, [x], undefined, name)[0];
}

export const maxPool2dOp: Op<undefined> = {
  name: "max-pool2d",
  outputs([x]) {
    expectImage("max-pool2d", "input", x);
    const [n, c, h, w] = x.shape;
    if (h < 2 || w < 2) {
      throw new ShapeError(`max-pool2d: input must be at least 2x2, got ${text(x.shape)}`);
    }
    return [{ shape: [n, c, h >> 1, w >> 1], order: "image" }];
  },
  gradient({ inputs: [x], name }, [dy]) {
    return [dy && apply(maxPool2dGradientOp, [x, dy], undefined, `${name} gradient`)[0]];
  },
  dispatches({ inputs: [x], outputs: [y] }) {
    const input = imageSizes(x);
    const output = imageSizes(y);
    return [
      perGroup("max-pool2d", y, [x, y], {
        channels: input.c,
        inHeight: input.h,
        inBlocks: input.blocks,
        outHeight: output.h,
        outWidth: output.w,
        outBlocks: output.blocks,
      }),
    ];
  },
};

/** Inputs x and dy; output dx. Of equal pixels the first in row order gets the gradient. */
export const maxPool2dGradientOp: Op<undefined> = {
  name: "max-pool2d-gradient",
  outputs([x]) {
    return [{ shape: x.shape, order: "image" }];
  },
  dispatches({ inputs: [x, dy], outputs: [dx] }) {
    const input = imageSizes(x);
    const output = imageSizes(dy);
    return [
      perGroup("max-pool2d-gradient", dx, [x, dy, dx], {
        channels: input.c,
        inHeight: input.h,
        inWidth: input.w,
        inBlocks: input.blocks,
        outHeight: output.h,
        outWidth: output.w,
        outBlocks: output.blocks,
      }),
    ];
  },
};
