// The up-convolution of the expanding path: 2x2, stride 2, its windows side by side.

import type { Dispatch } from "../graph/dispatch.js";
import { workgroupsFor } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import {
  apply,
  elementCount,
  expectDense,
  expectImage,
  type Op,
  ShapeError,
  scratch,
  type Tensor,
  text,
} from "../graph/tensor.js";
import { ABSENT } from "./absent.js";
import { channelSum } from "./channel-sum.js";
import { rowSplits, sumSplits } from "./splits.js";

/**
 * Transposed convolution 2x2 with stride 2.
 * x [N,I,H,W], weight [I,O,2,2], bias [O] -> [N,O,2H,2W].
 */
export function upConv2d(x: Tensor, weight: Tensor, bias?: Tensor, name?: string): Tensor {
  return apply(upConv2dOp, bias ? [x, weight, bias] : [x, weight], undefined, name)[0];
}

export const upConv2dOp: Op<undefined> = {
  name: "up-conv2d",
  outputs([x, weight, bias]) {
    expectImage("up-conv2d", "input", x);
    const [n, c, h, w] = x.shape;
    const [ins, outs, ...kernel] = weight.shape;
    if (weight.order !== "dense" || kernel[0] !== 2 || kernel[1] !== 2) {
      throw new ShapeError(
        `up-conv2d: weight must be a dense [I,O,2,2], got ${weight.order} ${text(weight.shape)}`,
      );
    }
    if (c !== ins) {
      throw new ShapeError(
        `up-conv2d: input has ${c} channels but weight expects ${ins} (input ${text(x.shape)}, weight ${text(weight.shape)})`,
      );
    }
    if (bias) expectDense("up-conv2d", "bias", bias, [outs]);
    return [{ shape: [n, outs, h * 2, w * 2], order: "image" }];
  },
  gradient({ inputs: [x, weight, bias], name }, [dy]) {
    if (!dy) return [];
    return [
      apply(upConv2dInputGradientOp, [dy, weight], undefined, `${name} gradient: input`)[0],
      apply(upConv2dWeightGradientOp, [x, dy], undefined, `${name} gradient: weight`)[0],
      ...(bias ? [channelSum(dy, `${name} gradient: bias`)] : []),
    ];
  },
  dispatches({ inputs: [x, weight, bias], outputs: [y] }, { lanes }) {
    const { n, c, h, w, blocks, groups } = imageSizes(x);
    const out = imageSizes(y);
    const rows = 1;
    const outs = 4;
    const [gridX, gridY] = workgroupsFor(n * Math.ceil(h / rows) * groups, lanes);
    return [
      {
        shader: "up-conv2d",
        constants: { ROWS: rows, OUT: outs, LANES: lanes, BIAS: Number(bias !== undefined) },
        bindings: [x, weight, bias ?? ABSENT, y],
        record: {
          batch: n,
          inChannels: c,
          inHeight: h,
          inWidth: w,
          inBlocks: blocks,
          outChannels: out.c,
          outBlocks: out.blocks,
        },
        workgroups: [gridX, gridY, Math.ceil(out.c / outs)],
        multiplyAdds: n * h * w * c * out.c * 4,
      },
    ];
  },
};

/** Inputs dy [N,O,2H,2W] and the weight [I,O,2,2]; output dx [N,I,H,W]. */
export const upConv2dInputGradientOp: Op<undefined> = {
  name: "up-conv2d-input-gradient",
  takesMask: () => true,
  outputs([dy, weight]) {
    const [n, , h, w] = dy.shape;
    return [{ shape: [n, weight.shape[0], h / 2, w / 2], order: "image" }];
  },
  dispatches({ inputs: [dy, weight], outputs: [dx], mask }, { lanes }) {
    const { n, c, h, w, blocks, groups } = imageSizes(dx);
    const out = imageSizes(dy);
    const ins = 4;
    const [gridX, gridY] = workgroupsFor(n * h * groups, lanes);
    return [
      {
        shader: "up-conv2d-input-gradient",
        constants: { IN: ins, LANES: lanes, MASK: Number(mask !== undefined) },
        bindings: [dy, weight, mask ?? ABSENT, dx],
        record: {
          batch: n,
          inChannels: c,
          inHeight: h,
          inWidth: w,
          inBlocks: blocks,
          outChannels: out.c,
          outBlocks: out.blocks,
        },
        workgroups: [gridX, gridY, Math.ceil(c / ins)],
        multiplyAdds: n * h * w * c * out.c * 4,
      },
    ];
  },
};

/** Inputs x [N,I,H,W] and dy [N,O,2H,2W]; output the gradient [I,O,2,2] of the weight. */
export const upConv2dWeightGradientOp: Op<undefined> = {
  name: "up-conv2d-weight-gradient",
  outputs([x, dy]) {
    return [{ shape: [x.shape[1], dy.shape[1], 2, 2], order: "dense" }];
  },
  dispatches({ inputs: [x, dy], outputs: [dw], name }, capabilities) {
    const { n, c, h, w, blocks } = imageSizes(x);
    const out = imageSizes(dy);
    const { lanes } = capabilities;
    const [outs, ins] = [2, 4];
    const tiles = Math.ceil(out.c / outs) * Math.ceil(c / ins);
    const { splits, rowsPerSplit } = rowSplits(n * h, tiles, dw, capabilities);
    const parts = splits === 1 ? dw : scratch(`${name}: splits`, splits * elementCount(dw.shape));
    const first: Dispatch = {
      shader: "up-conv2d-weight-gradient",
      constants: { OUT: outs, IN: ins, LANES: lanes },
      bindings: [x, dy, parts],
      record: {
        inChannels: c,
        inRows: n * h,
        inWidth: w,
        inBlocks: blocks,
        outChannels: out.c,
        outBlocks: out.blocks,
        rowsPerSplit,
      },
      workgroups: [Math.ceil(tiles / lanes), splits, 1],
      multiplyAdds: n * h * w * c * out.c * 4,
    };
    return splits === 1 ? [first] : [first, sumSplits(parts, dw, splits, lanes)];
  },
};
