// The up-convolution with any kernel size and stride, which brings the class scores of an FCN
// (Long, Shelhamer, Darrell 2015) back to the size of the image. It has few channels and little
// work, so the kernels gather, without register tiles.

import { checkKeys, type Keys } from "../../arguments/keys.js";
import { dispatch, workgroupsFor } from "../../graph/dispatch.js";
import { imageSizes } from "../../graph/layout.js";
import { apply, type Op } from "../../graph/op.js";
import { expectImage, ShapeError, type Tensor, text } from "../../graph/tensor.js";
import * as shaders from "../../shaders/embedded.generated.js";
import { rowSplits, weightAndBiasSums } from "../common/splits.js";

/** Stride and padding of a transposed convolution. */
export interface UpConv2dStridedOptions {
  /** Pixels of the output between the windows of two neighbouring input pixels. */
  readonly stride: number;
  /** Rows and columns cut from each side of the output. By default 0. */
  readonly padding?: number | undefined;
  /** For errors, profiles and labels on the GPU. */
  readonly name?: string | undefined;
}

const OPTIONS: Keys<UpConv2dStridedOptions> = { stride: 1, padding: 1, name: 1 };

/**
 * Transposed convolution without bias.
 * x [N,I,H,W], weight [I,O,K,K] -> [N,O,H',W'], H' = (H - 1) stride + K - 2 padding.
 */
export function upConv2dStrided(
  x: Tensor,
  weight: Tensor,
  options: UpConv2dStridedOptions,
): Tensor {
  checkKeys("up-conv2d-strided", options, OPTIONS);
  const { stride, padding = 0, name } = options;
  return apply(upConv2dStridedOp, [x, weight], { stride, padding }, name)[0];
}

interface StrideAttributes {
  readonly stride: number;
  readonly padding: number;
}

interface InputGradientAttributes extends StrideAttributes {
  /** The size of the input. */
  readonly height: number;
  readonly width: number;
}

interface WeightGradientAttributes extends StrideAttributes {
  readonly kernel: number;
}

export const upConv2dStridedOp: Op<StrideAttributes> = {
  name: "up-conv2d-strided",
  outputs([x, weight], { stride, padding }) {
    const op = "up-conv2d-strided";
    expectImage(op, "input", x);
    const [n, c, h, w] = x.shape;
    const [ins, outs, kernel, width] = weight.shape;
    if (weight.layout !== "dense" || weight.shape.length !== 4 || kernel !== width) {
      throw new ShapeError(
        `${op}: weight must be a dense [I,O,K,K], got ${weight.layout} ${text(weight.shape)}`,
      );
    }
    if (c !== ins) {
      throw new ShapeError(
        `${op}: input has ${c} channels but weight expects ${ins} (input ${text(x.shape)}, weight ${text(weight.shape)})`,
      );
    }
    if (!Number.isInteger(stride) || stride < 1 || !Number.isInteger(padding) || padding < 0) {
      throw new ShapeError(
        `${op}: the stride must be a whole number from 1 and the padding from 0, got ${stride} and ${padding}`,
      );
    }
    const sizes = [h, w].map((size) => (size - 1) * stride + kernel - 2 * padding);
    if (sizes.some((size) => size < 1)) {
      throw new ShapeError(
        `${op}: a padding of ${padding} leaves nothing of ${text(x.shape)} with a kernel of ${kernel} and stride ${stride}`,
      );
    }
    return [{ shape: [n, outs, ...sizes], layout: "image" }];
  },
  gradient({ inputs: [x, weight], attributes, name }, [dy]) {
    if (!dy) return [];
    const [, , h, w] = x.shape;
    const sizes = { ...attributes, height: h, width: w };
    const kernel = weight.shape[2];
    return [
      apply(upConv2dStridedInputGradientOp, [dy, weight], sizes, `${name} gradient: input`)[0],
      apply(
        upConv2dStridedWeightGradientOp,
        [x, dy],
        { ...attributes, kernel },
        `${name} gradient: weight`,
      )[0],
    ];
  },
  receptiveField({ inputs: [x, weight], attributes: { stride, padding } }, [first, last]) {
    const above = Math.ceil((first + padding - weight.shape[2] + 1) / stride);
    return [[x, [above, Math.floor((last + padding) / stride)]]];
  },
  words: () => "up-convolution",
  kernels: [
    {
      name: "up-conv2d-strided",
      dispatches(
        { inputs: [x, weight], outputs: [y], attributes: { stride, padding } },
        { workgroupSize },
      ) {
        const { n, c } = imageSizes(x);
        const out = imageSizes(y);
        const kernel = weight.shape[2];
        const outs = registerChannels(out.c);
        const [gridX, gridY] = workgroupsFor(n * out.h * out.groups, workgroupSize);
        const taps = Math.ceil(kernel / stride);
        return [
          dispatch(shaders.upConv2dStrided, {
            constants: { OUT: outs, LANES: workgroupSize },
            bindings: [x, weight, y],
            uniforms: { batch: n, ...sizesOf(x, y), kernel, stride, padding, taps },
            workgroups: [gridX, gridY, Math.ceil(out.c / outs)],
            multiplyAdds: multiplyAdds(x, c * out.c, kernel),
          }),
        ];
      },
    },
  ],
};

/** Inputs dy [N,O,H',W'] and the weight [I,O,K,K]; output dx [N,I,height,width]. */
export const upConv2dStridedInputGradientOp: Op<InputGradientAttributes> = {
  name: "up-conv2d-strided-input-gradient",
  outputs([dy, weight], { height, width }) {
    return [{ shape: [dy.shape[0], weight.shape[0], height, width], layout: "image" }];
  },
  kernels: [
    {
      name: "up-conv2d-strided-input-gradient",
      dispatches({ inputs: [dy, weight], outputs: [dx], attributes }, { workgroupSize }) {
        const { stride, padding } = attributes;
        const { n, c, h, groups } = imageSizes(dx);
        const kernel = weight.shape[2];
        const ins = registerChannels(c);
        const [gridX, gridY] = workgroupsFor(n * h * groups, workgroupSize);
        return [
          dispatch(shaders.upConv2dStridedInputGradient, {
            constants: { IN: ins, LANES: workgroupSize },
            bindings: [dy, weight, dx],
            uniforms: { batch: n, ...sizesOf(dx, dy), kernel, stride, padding },
            workgroups: [gridX, gridY, Math.ceil(c / ins)],
            multiplyAdds: multiplyAdds(dx, c * dy.shape[1], kernel),
          }),
        ];
      },
    },
  ],
};

/** Inputs x [N,I,H,W] and dy [N,O,H',W']; output the gradient [I,O,K,K] of the weight. */
export const upConv2dStridedWeightGradientOp: Op<WeightGradientAttributes> = {
  name: "up-conv2d-strided-weight-gradient",
  outputs([x, dy], { kernel }) {
    return [{ shape: [x.shape[1], dy.shape[1], kernel, kernel], layout: "dense" }];
  },
  kernels: [
    {
      name: "up-conv2d-strided-weight-gradient",
      dispatches(node, capabilities) {
        const [x, dy] = node.inputs;
        const { stride, padding, kernel } = node.attributes;
        const { n, c, h } = imageSizes(x);
        const { workgroupSize } = capabilities;
        const ins = registerChannels(c);
        const taps = dy.shape[1] * kernel ** 2;
        const tiles = taps * Math.ceil(c / ins);
        const { splits, rowsPerSplit } = rowSplits(n * h, tiles, node.outputs[0], capabilities);
        const { parts, sum } = weightAndBiasSums(node, 0, splits, workgroupSize);
        const first = dispatch(shaders.upConv2dStridedWeightGradient, {
          constants: { IN: ins, LANES: workgroupSize },
          bindings: [x, dy, parts],
          uniforms: { ...sizesOf(x, dy), inRows: n * h, kernel, stride, padding, rowsPerSplit },
          workgroups: [Math.ceil(taps / workgroupSize), splits, Math.ceil(c / ins)],
          multiplyAdds: multiplyAdds(x, c * dy.shape[1], kernel),
        });
        return [first, ...sum];
      },
    },
  ],
};

/** Channels per invocation: a network with two classes has two. */
const registerChannels = (channels: number) => (channels > 2 ? 4 : channels);

/** Products of each input pixel with all taps, including those that the padding cuts. */
const multiplyAdds = ({ shape: [n, , h, w] }: Tensor, pairs: number, kernel: number) =>
  n * h * w * pairs * kernel ** 2;

/** Uniforms: sizes of the input and of the output of the up-convolution. */
function sizesOf(x: Tensor, y: Tensor) {
  const from = imageSizes(x);
  const to = imageSizes(y);
  return {
    inChannels: from.c,
    inHeight: from.h,
    inWidth: from.w,
    inBlocks: from.blocks,
    outChannels: to.c,
    outHeight: to.h,
    outWidth: to.w,
    outBlocks: to.blocks,
  };
}
