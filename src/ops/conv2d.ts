// 2D convolution with stride 1, bias and activation, and its gradients.
//
// The input gradient of a convolution is a convolution of dy with the transposed, flipped weight
// and a border of KERNEL - 1 - border: the same kernel. The weight gradient has kernels of its own,
// in two stages, since no atomics add floats.

import { type Dispatch, workgroupsFor } from "../graph/dispatch.js";
import { imageSizes } from "../graph/order.js";
import {
  apply,
  type Capabilities,
  constant,
  elementCount,
  expectDense,
  expectImage,
  type Node,
  type Op,
  ShapeError,
  scratch,
  type Tensor,
  text,
} from "../graph/tensor.js";
import { channelSum } from "./channel-sum.js";
import { reluGradient } from "./relu.js";
import { rowSplits, sumSplits } from "./splits.js";

export type Activation = "none" | "relu";

export interface Conv2dOptions {
  /** Zeros around the input: "valid" none, "same" (kernel - 1) / 2, or a number of pixels. */
  readonly padding?: "valid" | "same" | number;
  readonly activation?: Activation;
  readonly name?: string;
}

interface Attributes {
  readonly border: number;
  readonly activation: Activation;
  /** The weight is [I, O, K, K] and is read with its taps in reverse: the input gradient. */
  readonly transposed: boolean;
}

/**
 * Convolution (cross-correlation) with stride 1.
 * x [N,I,H,W], weight [O,I,K,K] with K odd, bias [O] -> [N,O,H',W'], H' = H + 2 padding - K + 1.
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: Conv2dOptions = {},
): Tensor {
  const kernel = weight.shape[2] ?? 1;
  const { padding = "valid", activation = "none" } = options;
  const border = padding === "valid" ? 0 : padding === "same" ? (kernel - 1) / 2 : padding;
  const attributes = { border, activation, transposed: false };
  const inputs = bias ? [x, weight, bias] : [x, weight];
  return apply(conv2dOp, inputs, attributes, options.name)[0];
}

export const conv2dOp: Op<Attributes> = {
  name: "conv2d",
  outputs([x, weight, bias], { border, transposed }) {
    expectImage("conv2d", "input", x);
    if (weight.order !== "dense" || weight.shape.length !== 4) {
      throw new ShapeError(
        `conv2d: weight must be a dense [O,I,K,K], got ${weight.order} ${text(weight.shape)}`,
      );
    }
    const [n, c, h, w] = x.shape;
    const [outs, ins] = transposed ? [weight.shape[1], weight.shape[0]] : weight.shape;
    const [, , kernel, width] = weight.shape;
    const shapes = `(input ${text(x.shape)}, weight ${text(weight.shape)})`;
    if (kernel !== width || kernel % 2 === 0) {
      throw new ShapeError(`conv2d: the kernel must be square and odd, got ${kernel}x${width}`);
    }
    if (c !== ins) {
      throw new ShapeError(`conv2d: input has ${c} channels but weight expects ${ins} ${shapes}`);
    }
    if (!Number.isInteger(border) || border < 0 || border >= kernel) {
      throw new ShapeError(
        `conv2d: padding must be 0 to ${kernel - 1} for a kernel of ${kernel}, got ${border}`,
      );
    }
    const [oh, ow] = [h + 2 * border - kernel + 1, w + 2 * border - kernel + 1];
    if (oh < 1 || ow < 1) {
      throw new ShapeError(
        `conv2d: a kernel of ${kernel} with padding ${border} does not fit into ${h}x${w} ${shapes}`,
      );
    }
    if (bias) expectDense("conv2d", "bias", bias, [outs]);
    return [{ shape: [n, outs, oh, ow], order: "image" }];
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    const [x, weight, bias] = node.inputs;
    const { border, activation, transposed } = node.attributes;
    if (transposed) throw new ShapeError(`${node.name}: a gradient of a gradient is not offered`);
    const name = `${node.name} gradient`;
    const d = activation === "relu" ? reluGradient(node.outputs[0], dy, `${name}: relu`) : dy;
    const kernel = weight.shape[2];
    const inputAttributes: Attributes = {
      border: kernel - 1 - border,
      activation: "none",
      transposed: true,
    };
    const inputs = [x, d];
    return [
      apply(conv2dOp, [d, weight], inputAttributes, `${name}: input`)[0],
      apply(conv2dWeightGradientOp, inputs, { border, kernel }, `${name}: weight`)[0],
      ...(bias ? [channelSum(d, `${name}: bias`)] : []),
    ];
  },
  dispatches(node, capabilities) {
    const [x, weight] = node.inputs;
    const [y] = node.outputs;
    const taps = weight.shape[2] ** 2;
    const { outs } = registerTile(weight.shape[2], capabilities);
    const floats = Math.ceil(y.shape[1] / outs) * outs * x.shape[1] * taps;
    const packed = scratch(`${node.name}: packed weight`, floats);
    return [packWeight(node, packed, capabilities), convolve(node, packed, capabilities)];
  },
};

function packWeight(node: Node<Attributes>, packed: Tensor, capabilities: Capabilities): Dispatch {
  const [x, weight] = node.inputs;
  const { outs } = registerTile(weight.shape[2], capabilities);
  const { lanes } = capabilities;
  return {
    shader: "conv2d-pack-weight",
    constants: { OUT: outs, LANES: lanes, TRANSPOSED: Number(node.attributes.transposed) },
    bindings: [weight, packed],
    record: {
      outChannels: node.outputs[0].shape[1],
      inChannels: x.shape[1],
      taps: weight.shape[2] ** 2,
    },
    workgroups: workgroupsFor(elementCount(packed.shape), lanes),
  };
}

function convolve(node: Node<Attributes>, packed: Tensor, capabilities: Capabilities): Dispatch {
  const [x, weight, bias] = node.inputs;
  const [y] = node.outputs;
  const { border, activation } = node.attributes;
  const kernel = weight.shape[2];
  const { n, c, h, blocks, groups } = imageSizes(x);
  const out = imageSizes(y);
  const { rows, outs } = registerTile(kernel, capabilities);
  const { lanes } = capabilities;
  const [gridX, gridY] = workgroupsFor(n * Math.ceil(out.h / rows) * out.groups, lanes);
  return {
    shader: "conv2d",
    constants: {
      KERNEL: kernel,
      BORDER: border,
      ROWS: rows,
      OUT: outs,
      LANES: lanes,
      BIAS: Number(bias !== undefined),
      RELU: Number(activation === "relu"),
    },
    bindings: [x, packed, bias ?? NO_BIAS, y],
    record: {
      batch: n,
      inChannels: c,
      inHeight: h,
      inBlocks: blocks,
      inGroups: groups,
      outChannels: out.c,
      outHeight: out.h,
      outWidth: out.w,
      outBlocks: out.blocks,
    },
    workgroups: [gridX, gridY, Math.ceil(out.c / outs)],
    multiplyAdds: out.n * out.c * out.h * out.w * c * kernel * kernel,
  };
}

/** Bound where there is no bias: a binding must have a buffer. */
const NO_BIAS = constant("no bias", [1], [0]);

/**
 * Output rows and channels that one invocation keeps in registers. A large kernel takes fewer, so
 * that the written-out loops stay short enough to compile fast.
 */
function registerTile(kernel: number, { kind }: Capabilities): { rows: number; outs: number } {
  if (kernel > 3) return { rows: 2, outs: 4 };
  return kind === "cpu" ? { rows: 4, outs: 4 } : { rows: 2, outs: 8 };
}

interface WeightGradientAttributes {
  readonly border: number;
  readonly kernel: number;
}

/** Inputs x [N,I,H,W] and dy [N,O,OH,OW]; output the gradient [O,I,K,K] of the weight. */
export const conv2dWeightGradientOp: Op<WeightGradientAttributes> = {
  name: "conv2d-weight-gradient",
  outputs([x, dy], { kernel }) {
    return [{ shape: [dy.shape[1], x.shape[1], kernel, kernel], order: "dense" }];
  },
  dispatches(node, capabilities) {
    const [x, dy] = node.inputs;
    const [dw] = node.outputs;
    const { border, kernel } = node.attributes;
    const into = imageSizes(x);
    const out = imageSizes(dy);
    const lanes = capabilities.lanes;
    const ins = into.c === 1 || kernel > 3 ? 1 : 2;
    const outs = kernel > 3 ? 2 : 4;
    const tiles = Math.ceil(out.c / outs) * Math.ceil(into.c / ins);
    const { splits, rowsPerSplit } = rowSplits(out.n * out.h, tiles, dw, capabilities);
    const parts =
      splits === 1 ? dw : scratch(`${node.name}: splits`, splits * elementCount(dw.shape));
    const first: Dispatch = {
      shader: "conv2d-weight-gradient",
      constants: { KERNEL: kernel, BORDER: border, OUT: outs, IN: ins, LANES: lanes },
      bindings: [x, dy, parts],
      record: {
        batch: into.n,
        inChannels: into.c,
        inHeight: into.h,
        inBlocks: into.blocks,
        inGroups: into.groups,
        outChannels: out.c,
        outHeight: out.h,
        outBlocks: out.blocks,
        outGroups: out.groups,
        rowsPerSplit,
      },
      workgroups: [Math.ceil(tiles / lanes), splits, 1],
      multiplyAdds: out.n * out.c * out.h * out.w * into.c * kernel * kernel,
    };
    return splits === 1 ? [first] : [first, sumSplits(parts, dw, splits, lanes)];
  },
};
